#include "cli/add_option.hpp"
#include "cli/command.hpp"
#include "cli/own_files.hpp"

#include <mcbatch/ledger/reading.hpp>
#include <mcbatch/report/export.hpp>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace mcbatch::cli {
namespace {

struct export_options {
  std::string ledger;
  bool csv = false, as_manifest = false;
  std::vector<std::string> states;
  std::string output = "-";
};

/// Where an export goes. A new file is its owner's alone; so becomes one that was there if `secret`: entries hold
/// presigned URLs.
class output_file {
public:
  output_file(const std::string& path, bool secret) : path_(path) {
    if (path == "-") return;
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    file_ = fd < 0 ? nullptr : ::fdopen(fd, "w");
    check(file_ != nullptr);
    struct stat facts {};
    check(::fstat(fd, &facts) == 0);
    if (secret && S_ISREG(facts.st_mode)) check(::fchmod(fd, S_IRUSR | S_IWUSR) == 0);
  }
  void write(const std::string& text) { check(std::fwrite(text.data(), 1, text.size(), file_) == text.size()); }
  void close() { check(std::fflush(file_) == 0 && (path_ == "-" || std::fclose(file_) == 0)); }

private:
  void check(bool ok) const {
    if (!ok)
      throw exit_with{exit_code::cannot_write,
                      "cannot write " + (path_ == "-" ? "standard output" : path_) + ": " + std::strerror(errno)};
  }
  std::string path_;
  std::FILE* file_ = stdout;
};

ledger::record_filter filter_of(const export_options& o) {
  ledger::record_filter filter;
  for (const auto& name : o.states) {
    const auto state = job_state_from_string(name);
    if (!state)
      throw exit_with{
          exit_code::usage,
          "'" + name + "' is no state of a job: pending, sending, submitted, rejected, in_doubt, invalid, expired are"};
    filter.states.push_back(*state);
  }
  // An invalid entry is none that submit takes; who asks for it by name gets it all the same.
  if (o.as_manifest && filter.states.empty())
    for (const auto state : all_job_states)
      if (state != job_state::invalid) filter.states.push_back(state);
  return filter;
}

void run_export(const export_options& o) {
  const auto filter = filter_of(o);
  refuse_to_replace(o.output, "-o", o.ledger);
  auto ledger = value_or_exit(ledger::reading::open(o.ledger));
  output_file out(o.output, o.as_manifest);
  if (o.csv && !o.as_manifest) out.write(report::export_csv_header());
  const auto line = o.as_manifest ? report::export_entry : o.csv ? report::export_csv : report::export_jsonl;
  value_or_exit(ledger.for_each(filter, [&](const ledger::record& r) {
    out.write(line(r));
    return true;
  }));
  out.close();
}

} // namespace

void add_export(CLI::App& root, program& p) {
  auto* command = root.add_subcommand("export", "One record for each job");
  auto o = std::make_shared<export_options>();
  command->add_option("LEDGER", o->ledger, "The ledger of the run")->required();
  auto* format =
      add_choice<bool>(*command, "--format", o->csv, {{"jsonl", false}, {"csv", true}}, "How the records are written")
          ->default_str("jsonl");
  command->add_option("--state", o->states, "Only jobs in these states, with commas between")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("S,...");
  command->add_option("-o,--output", o->output, "Where to write; default standard output")->type_name("FILE");
  command
      ->add_flag("--as-manifest", o->as_manifest,
                 "Write the entries as they were read, as JSON Lines that submit takes")
      ->excludes(format);
  command->footer(
      "Examples:\n"
      "  mcbatch export catalog.jsonl.ledger --format csv -o jobs.csv\n"
      "  mcbatch export catalog.jsonl.ledger --state rejected,in_doubt\n"
      "  mcbatch export catalog.jsonl.ledger --state rejected --as-manifest -o again.jsonl\n"
      "URLs are shown without their signatures, except by --as-manifest, whose FILE only its owner can read.\n"
      "In CSV, text that a spreadsheet would take for a formula (it begins with = + - @) has a ' before it.");
  command->callback([o, &p] {
    run_export(*o);
    p.ended_with = exit_code::ok;
  });
}

} // namespace mcbatch::cli
