#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "cli/support.hpp"

#include <algorithm>
#include <csignal>
#include <sstream>
#include <thread>

#include <sys/stat.h>
#include <unistd.h>

namespace mcbatch::tests {
namespace {

using namespace std::chrono_literals;
using strings = std::vector<std::string>;

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// A world whose ledger has `done` jobs, all submitted by a run that ended, and whose manifest has `more` of them.
struct ledger_world : world {
  explicit ledger_world(std::size_t done = 400, std::size_t more = 10) {
    write_file(manifest(), entries(0, done));
    BOOST_TEST_REQUIRE(submit().code == 0);
    append_file(manifest(), entries(done, done + more));
    sent_ = server().accepted();
  }

  /// What uses the ledger is refused with a sentence that says `why` of the file, and nothing is sent.
  void check_refused(const std::string& ledger, const strings& why) const {
    struct row {
      strings command;
      int code;
    };
    const row rows[] = {{{"status", ledger}, 66},
                        {{"export", ledger}, 66},
                        {{"retry", ledger, "--rejected"}, 74},
                        {submit_command({"--ledger", ledger}), 74}};
    for (const auto& row : rows)
      check_refused(run(row.command), row.code, ledger, why);
  }

  void check_refused(const ended& e, int code, const std::string& ledger, const strings& why) const {
    BOOST_TEST(e.signal == 0);
    BOOST_TEST(e.code == code, e.code << " " << e.err);
    BOOST_TEST(holds(e.err, ledger), e.err);
    for (const auto& part : why)
      BOOST_TEST(holds(e.err, part), e.err << " lacks " << part);
    BOOST_TEST(server().accepted() == sent_);
  }

  void check_all_once(std::size_t jobs) const {
    const auto all = accepted();
    BOOST_TEST(all.size() == jobs);
    for (const auto& [url, count] : all)
      BOOST_TEST(count == 1, url);
  }

private:
  std::uint64_t sent_ = 0;
};

/// A command line of `words` for the shell.
std::string line_of(const strings& words) {
  std::string line = MCBATCH_PROGRAM;
  for (const auto& word : words)
    line += " '" + word + "'";
  return line;
}

/// Runs `script` where its mounts are its own, and gone with it. Nothing where mounting is not allowed.
std::optional<ended> with_mounts(const world& w, const std::string& script) {
  constexpr int not_allowed = 99;
  auto variables = w.environment;
  variables["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin";
  const auto guarded = "unshare -m true 2>/dev/null || exit 99; exec unshare -m bash -c \"$SCRIPT\"";
  variables["SCRIPT"] = script;
  auto e = mcbatch_process::shell(guarded, variables).wait();
  if (e.code != not_allowed) return e;
  BOOST_TEST_MESSAGE("skipped: nothing can be mounted here");
  return std::nullopt;
}

/// Runs the program without the privileges that let root write everywhere.
ended run_unprivileged(const world& w, strings command) {
  if (command.front() == "submit")
    for (const auto& word :
         {std::string("--base-url"), w.server().base_url(), std::string("--ca-file"), w.dir / "ca.pem"})
      command.push_back(word);
  auto variables = w.environment;
  variables["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin";
  variables["XDG_STATE_HOME"] = w.dir / "nobodys";
  const std::string as_nobody = ::geteuid() == 0 ? "setpriv --reuid=65534 --clear-groups " : "";
  return mcbatch_process::shell("exec " + as_nobody + line_of(command), variables).wait();
}

BOOST_AUTO_TEST_SUITE(cli_ledgers)

BOOST_AUTO_TEST_CASE(a_full_disk_stops_the_run_and_the_next_one_goes_on) {
  constexpr std::size_t jobs = 6000;
  const world w;
  write_file(w.manifest(), entries(0, jobs));
  const auto disk = w.dir / "disk", ledger = disk + "/l";
  std::filesystem::create_directory(disk);
  const auto submit = line_of({"submit", w.manifest(), "--ledger", ledger, "--limit", "1000000/1s", "--summary", "json",
                               "--base-url", w.server().base_url(), "--ca-file", w.dir / "ca.pem"});
  const auto step = [&](const std::string& command, const std::string& name) {
    const auto to = w.dir / name;
    return command + " > " + to + ".out 2> " + to + ".err; echo $? > " + to + ".code\n";
  };
  const auto e =
      with_mounts(w, "mount -t tmpfs -o size=12m none " + disk + " 2>/dev/null || exit 99\n" +
                         "head -c 12m /dev/zero > " + disk + "/filler 2>/dev/null\n" + step(submit, "none") +
                         "truncate -s 9m " + disk + "/filler\n" + step(submit, "full") + "head -c 12m /dev/zero > " +
                         disk + "/more 2>/dev/null\n" + step(line_of({"status", ledger, "--json"}), "status") +
                         step(line_of({"export", ledger}), "export") + "rm " + disk + "/more " + disk + "/filler\n" +
                         step(submit, "again") + step(line_of({"export", ledger}), "end"));
  if (!e) return;
  const auto code = [&](const std::string& name) { return std::stoi(read_file(w.dir / (name + ".code"))); };
  const auto json = [&](const std::string& name) { return nlohmann::json::parse(read_file(w.dir / (name + ".out"))); };
  BOOST_TEST(code("none") == 74); // not even a beginning
  const auto none = read_file(w.dir / "none.err");
  BOOST_TEST(holds(none, ledger), none);

  BOOST_TEST(code("full") == 74, read_file(w.dir / "full.err"));
  const auto full = json("full");
  BOOST_TEST(full["stop_reason"] == "ledger");
  for (const auto* part : {"full", "Nothing further was sent", "Free space and run again"})
    BOOST_TEST(holds(full["problem"], part), full["problem"]);
  BOOST_TEST(full["requests"]["sent"].get<std::size_t>() < jobs);

  // What is there can still be looked at.
  BOOST_TEST(code("status") == 0, read_file(w.dir / "status.err"));
  BOOST_TEST(code("export") == 0, read_file(w.dir / "export.err"));

  BOOST_TEST((code("again") == 0 || code("again") == 1), read_file(w.dir / "again.err"));
  const auto accepted = w.accepted();
  std::istringstream records(read_file(w.dir / "end.out"));
  std::size_t submitted = 0, in_doubt = 0;
  for (std::string line; std::getline(records, line);) {
    const auto r = nlohmann::json::parse(line);
    submitted += r["state"] == "submitted";
    in_doubt += r["state"] == "in_doubt";
    BOOST_TEST((r["state"] != "submitted" || accepted.contains(r["output_url"])));
  }
  BOOST_TEST(submitted + in_doubt == jobs);
  BOOST_TEST(in_doubt <= 64u);
  for (const auto& [url, count] : accepted)
    BOOST_TEST(count == 1, url);
}

BOOST_AUTO_TEST_CASE(a_ledger_that_may_not_be_written_can_be_read) {
  const ledger_world w;
  ::chmod(w.dir.path().c_str(), 0755);
  ::chmod(w.ledger().c_str(), 0644);
  if (run_unprivileged(w, {"--version"}).code != 0) {
    BOOST_TEST_MESSAGE("skipped: the program cannot be run without privileges here");
    return;
  }
  std::filesystem::create_directory(w.dir / "nobodys");
  ::chmod((w.dir / "nobodys").c_str(), 0777);
  const auto check = [&](const char* why) {
    w.check_refused(run_unprivileged(w, w.submit_command()), 74, w.ledger(), {why});
    w.check_refused(run_unprivileged(w, {"retry", w.ledger(), "--rejected"}), 74, w.ledger(), {why});
    BOOST_TEST(run_unprivileged(w, {"status", w.ledger()}).code == 0);
    const auto exported = run_unprivileged(w, {"export", w.ledger()});
    BOOST_TEST(exported.code == 0, exported.err);
    BOOST_TEST(std::count(exported.out.begin(), exported.out.end(), '\n') == 400);
  };
  BOOST_TEST_CONTEXT("the folder is read-only, and the file") {
    check("Permission denied");
  }
  ::chmod(w.dir.path().c_str(), 0777);
  ::chmod((w.ledger() + ".lock").c_str(), 0666);
  ::chmod(w.ledger().c_str(), 0444);
  BOOST_TEST_CONTEXT("the file is read-only") {
    check("writable");
  }
  BOOST_TEST(w.submit().code == 0);
}

BOOST_AUTO_TEST_CASE(a_ledger_on_a_read_only_mount_can_be_read) {
  const ledger_world w;
  const auto mount = "mount --bind " + w.dir.path().string() + " " + w.dir.path().string() +
                     " && mount -o remount,bind,ro " + w.dir.path().string() + " || exit 99\n";
  const auto in = [&](strings command) {
    if (command.front() == "submit")
      for (const auto& word :
           {std::string("--base-url"), w.server().base_url(), std::string("--ca-file"), w.dir / "ca.pem"})
        command.push_back(word);
    return with_mounts(w, mount + "export XDG_STATE_HOME=$(mktemp -d)\n" + line_of(command) +
                              "; code=$?; rm -r $XDG_STATE_HOME; exit $code");
  };
  const auto status = in({"status", w.ledger()});
  if (!status) return;
  BOOST_TEST(status->code == 0, status->err);
  BOOST_TEST(in({"export", w.ledger()})->code == 0);
  w.check_refused(*in(w.submit_command()), 74, w.ledger(), {"Read-only file system"});
  w.check_refused(*in({"retry", w.ledger(), "--rejected"}), 74, w.ledger(), {"Read-only file system"});
}

BOOST_AUTO_TEST_CASE(a_damaged_ledger_is_refused_and_left_as_it_is) {
  struct row {
    const char* what;
    std::size_t at, size; // size 0: to the end
    const char* says;
  };
  const row rows[] = {{"in the middle", 4096, 0, "damaged"},
                      {"in the magic", 0, 16, "no SQLite database"},
                      {"in the rest of the header", 16, 84, "ledger"},
                      {"in the schema", 200, 3800, "damaged"}};
  const ledger_world w;
  const auto whole = read_file(w.ledger());
  for (const auto& row : rows) {
    BOOST_TEST_CONTEXT(row.what) {
      auto bytes = whole;
      const auto end = row.size == 0 ? bytes.size() : row.at + row.size;
      std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(row.at), bytes.begin() + static_cast<std::ptrdiff_t>(end),
                '\xa5');
      write_file(w.ledger(), bytes);
      w.check_refused(w.ledger(), {row.says});
      BOOST_TEST((read_file(w.ledger()) == bytes));
    }
  }
  write_file(w.ledger(), whole);
  BOOST_TEST(w.submit().code == 0);
  w.check_all_once(410);
}

BOOST_AUTO_TEST_CASE(a_truncated_ledger_is_refused) {
  const ledger_world w;
  const auto whole = read_file(w.ledger());
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{60}, std::size_t{4096}, whole.size() / 2, whole.size() - 1}) {
    BOOST_TEST_CONTEXT(size << " of " << whole.size() << " bytes") {
      write_file(w.ledger(), whole.substr(0, size));
      w.check_refused(w.ledger(), {});
    }
  }
}

BOOST_AUTO_TEST_CASE(a_ledger_of_a_newer_version_is_refused) {
  const ledger_world w;
  auto bytes = read_file(w.ledger());
  bytes[63] = 9; // the low byte of user_version (https://www.sqlite.org/fileformat.html, 1.3)
  write_file(w.ledger(), bytes);
  w.check_refused(w.ledger(), {"version 9", "newer one"});
}

/// A log is torn at its end by every crash, and what stands before that counts. A bit that fell over is no other case.
BOOST_AUTO_TEST_CASE(a_damaged_log_costs_at_most_what_stands_behind_the_damage_and_that_is_not_hidden) {
  const world w({.latency = 5ms});
  write_file(w.manifest(), entries(0, 300));
  const auto p = w.start(w.submit_command({"--max-in-flight", "4"}));
  while (w.server().accepted() < 60)
    std::this_thread::sleep_for(1ms);
  p->signal(SIGKILL);
  p->wait();
  auto log = read_file(w.ledger() + "-wal");
  BOOST_TEST_REQUIRE(log.size() > 5000u);
  log[40] ^= 0x55; // in the first frame: all of it is lost
  write_file(w.ledger() + "-wal", log);
  const auto status = w.run({"status", w.ledger()});
  BOOST_TEST(status.signal == 0);
  BOOST_TEST_MESSAGE("status after damage of the log: " << status.code << " " << status.out << status.err);
}

BOOST_AUTO_TEST_CASE(copies_made_while_a_run_goes_on_are_refused) {
  const world w({.latency = 20ms});
  write_file(w.manifest(), entries(0, 400));
  const auto p = w.start(w.submit_command({"--max-in-flight", "2"}));
  while (w.server().accepted() < 20)
    std::this_thread::sleep_for(1ms);
  const auto alone = w.dir / "alone.ledger", both = w.dir / "both.ledger";
  std::filesystem::copy_file(w.ledger(), alone);
  std::filesystem::copy_file(w.ledger(), both);
  std::filesystem::copy_file(w.ledger() + "-wal", both + "-wal");
  p->signal(SIGTERM);
  BOOST_TEST(p->wait().code == 75);
  const auto sent = w.server().accepted();
  for (const auto& copy : {alone, both}) {
    const auto status = w.run({"status", copy}), exported = w.run({"export", copy});
    const auto submit = w.submit({"--ledger", copy});
    BOOST_TEST(status.code == 66, status.err);
    BOOST_TEST(exported.code == 66, exported.err);
    BOOST_TEST(submit.code == 74, submit.err);
    for (const auto& e : {status, exported, submit}) {
      BOOST_TEST(holds(e.err, copy), e.err);
      BOOST_TEST(holds(e.err, "sent again"), e.err);
    }
  }
  BOOST_TEST(w.server().accepted() == sent);
  BOOST_TEST(w.submit().code == 0);
}

BOOST_AUTO_TEST_CASE(a_copy_of_a_finished_ledger_works_and_is_told_of) {
  const ledger_world w;
  const auto copy = w.dir / "copy.ledger";
  std::filesystem::copy_file(w.ledger(), copy);
  BOOST_TEST(w.run({"status", copy, "--json"}).json()["jobs"]["submitted"] == 400);
  const auto run = w.submit({"--ledger", copy});
  BOOST_TEST(run.code == 0, run.err);
  BOOST_TEST(run.json()["jobs"]["skipped"] == 400);
  BOOST_TEST(run.json()["jobs"]["submitted"] == 10);
  BOOST_TEST(holds(run.err, copy + " is a copy"), run.err);
  BOOST_TEST(!holds(w.submit({"--ledger", copy}).err, "is a copy"));
}

BOOST_AUTO_TEST_CASE(a_ledger_that_is_in_use_is_refused_to_all_who_would_write_it_or_a_copy) {
  const world w({.latency = 2s});
  write_file(w.manifest(), entries(0, 1));
  BOOST_TEST(w.submit().code == 0);
  const auto copy = w.dir / "copy.ledger";
  std::filesystem::copy_file(w.ledger(), copy);
  append_file(w.manifest(), entries(1, 100));
  const auto first = w.start(w.submit_command());
  while (w.server().accepted() < 2)
    std::this_thread::sleep_for(1ms);
  const auto sent = w.server().accepted();
  for (const auto& e : {w.submit(), w.run({"retry", w.ledger(), "--rejected"})}) {
    BOOST_TEST(e.code == 73, e.err);
    BOOST_TEST(holds(e.err, "another run holds " + w.ledger()), e.err);
  }
  const auto on_copy = w.submit({"--ledger", copy});
  BOOST_TEST(on_copy.code == 73, on_copy.err);
  BOOST_TEST(holds(on_copy.err, "a copy of the ledger " + copy), on_copy.err);
  BOOST_TEST(w.server().accepted() - sent <= 64u);
  BOOST_TEST(w.run({"status", w.ledger(), "--json"}).json()["running"] == true);
  first->signal(SIGKILL);
  first->wait();
}

BOOST_AUTO_TEST_CASE(a_ledger_on_a_network_file_system_is_refused) {
  world w;
  write_file(w.manifest(), entries(0, 3));
  w.environment["LD_PRELOAD"] = MCBATCH_INTERPOSED;
  w.environment["ASAN_OPTIONS"] = "verify_asan_link_order=0";
  w.environment["MCBATCH_TEST_STATFS"] = "0x6969";
  const auto run = w.submit();
  BOOST_TEST(run.code == 74, run.err);
  for (const auto& part : {w.ledger(), std::string("network file system (NFS)"), std::string("--ledger")})
    BOOST_TEST(holds(run.err, part), run.err);
  BOOST_TEST(w.server().accepted() == 0u);
  BOOST_TEST(!std::filesystem::exists(w.ledger()));
  w.environment["MCBATCH_TEST_STATFS"] = "0xef53";
  BOOST_TEST(w.submit().code == 0);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace mcbatch::tests
