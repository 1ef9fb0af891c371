#include "cli/add_option.hpp"
#include "cli/command.hpp"
#include "cli/expiry_check.hpp"
#include "cli/options.hpp"

#include <mcbatch/core/printable.hpp>
#include <mcbatch/core/text.hpp>
#include <mcbatch/report/text.hpp>
#include <mcbatch/simulation/forecast.hpp>
#include <mcbatch/submit/clocks.hpp>
#include <mcbatch/submit/scheduler.hpp>

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <functional>

namespace mcbatch::cli {
namespace {

using json = nlohmann::ordered_json;

constexpr std::size_t listed_problems = 100;
constexpr std::size_t listed_expiring = 100; // in JSON
constexpr std::size_t shown_expiring = 10;   // to people

constexpr std::size_t most_waiting = 256; // entries

constexpr std::array all_tiers{quota::tier::free, quota::tier::basic, quota::tier::pro, quota::tier::enterprise};

struct check_options {
  manifest_options manifests;
  quota_options quota;
  duration url_margin = submit::scheduler_settings{}.url_margin;
  bool as_json = false;
};

struct listed_problem {
  std::string manifest;
  manifest::problem what;
};

struct listed_entry {
  std::string manifest;
  std::uint64_t line;
};

struct check_result {
  std::uint64_t entries = 0, valid = 0, invalid = 0, duplicate = 0;
  std::array<duration, all_tiers.size()> estimates{}; // for each tier: when the last valid entry will have left
  expiring_entries expiring;
  std::uint64_t temporary = 0; // have URLs that die with temporary credentials,
  std::optional<listed_entry> first_temporary;
  std::vector<listed_problem> problems; // the first ones
  std::optional<failure> broken;        // a manifest could not be read to its end

  [[nodiscard]] duration estimate(quota::tier t) const { return estimates[static_cast<std::size_t>(t)]; }
};

/// What is kept of a valid entry until it is known whether it is a duplicate.
struct waiting_entry {
  job_key key;
  job_key content;
  std::uint64_t line;
  std::optional<wall_time> expires_at;
  bool temporary;
};

struct key_hash {
  using is_avalanching = void; // the key is a hash itself
  std::size_t operator()(const job_key& key) const noexcept {
    std::size_t hash;
    std::memcpy(&hash, key.bytes.data(), sizeof hash);
    return hash;
  }
};

/// Reads manifests without sending anything. It keeps 16 bytes a job, 16 more for one with a presigned URL, and a
/// few more under --key.
class checker {
public:
  explicit checker(const check_options& o) : o_(o) { waiting_.reserve(most_waiting); }

  check_result run() {
    for (const auto& path : o_.manifests.paths) {
      auto reading = o_.manifests.reading;
      std::error_code ignored; // opening it says what is wrong with it
      reading.ahead = std::filesystem::is_regular_file(path, ignored);
      auto reader = value_or_exit(manifest::reader::open(path, reading));
      if (!read(path, reader)) break;
      ++manifest_;
    }
    foretell();
    return std::move(result_);
  }

private:
  bool read(const std::string& path, manifest::reader& reader) {
    for (;;) {
      auto item = reader.next();
      if (!item) {
        settle(path);
        result_.broken = item.error();
        if (result_.problems.size() < listed_problems) result_.problems.push_back({path, {0, "", item.error().what}});
        return false;
      }
      if (!item->has_value()) {
        settle(path);
        return true;
      }
      ++result_.entries;
      std::visit([&](const auto& entry) { take(path, entry); }, **item);
    }
  }

  void take(const std::string& path, const manifest::bad_entry& entry) {
    settle(path);
    ++result_.invalid;
    for (const auto& p : entry.problems)
      list(path, p);
  }

  void take(const std::string& path, const manifest::entry& entry) {
    waiting_.push_back({entry.key, entry.content, entry.line, entry.expires_at, entry.temporary});
    if (waiting_.size() == waiting_.capacity()) settle(path);
  }

  /// Finds duplicates among those that wait. Each key stands somewhere else in memory, and a processor waits for many
  /// at once if it comes to them at once: that is worth a tenth of the whole.
  void settle(const std::string& path) {
    for (const auto& entry : waiting_)
      count(path, entry);
    waiting_.clear();
  }

  void count(const std::string& path, const waiting_entry& entry) {
    if (!is_new(path, entry)) return;
    ++result_.valid;
    if (entry.expires_at) ending_.emplace_back(*entry.expires_at, manifest_, entry.line);
    if (entry.temporary && ++result_.temporary == 1) result_.first_temporary = {path, entry.line};
  }

  bool is_new(const std::string& path, const waiting_entry& entry) {
    if (!o_.manifests.reading.key_field) {
      const bool fresh = seen_.insert(entry.key).second;
      if (!fresh) ++result_.duplicate;
      return fresh;
    }
    std::uint64_t content;
    std::memcpy(&content, entry.content.bytes.data(), sizeof content);
    const auto [first, fresh] = contents_.emplace(entry.key, content);
    if (fresh) return true;
    if (first->second == content) {
      ++result_.duplicate;
    } else {
      ++result_.invalid;
      list(path, {entry.line, *o_.manifests.reading.key_field,
                  "has the key of an earlier entry and other content; only the first is submitted"});
    }
    return false;
  }

  /// One forecast of a tier serves both the estimate and the turns: it plays nothing twice.
  void foretell() {
    const auto chosen = o_.quota.tier.value_or(quota::tier::free);
    for (const auto t : all_tiers) {
      simulation::forecast turns(quota::limits_of(t));
      if (result_.valid > 0) result_.estimates[static_cast<std::size_t>(t)] = turns(result_.valid - 1);
      if (o_.quota.limits.empty() && t == chosen) find_those_that_expire(turns);
    }
    if (o_.quota.limits.empty()) return;
    simulation::forecast turns(o_.quota.limits);
    find_those_that_expire(turns);
  }

  void find_those_that_expire(simulation::forecast& turns) {
    result_.expiring =
        find_expiring(std::move(ending_), std::ref(turns), submit::read_clocks().wall, o_.url_margin, listed_expiring);
  }

  void list(const std::string& path, const manifest::problem& p) {
    if (!o_.as_json) fmt::print("{} line {}: {}\n", printable(path), p.line, printable(p.message));
    if (result_.problems.size() < listed_problems) result_.problems.push_back({path, p});
  }

  const check_options& o_;
  check_result result_;
  unsigned manifest_ = 0; // the number of the one that is read
  std::vector<waiting_entry> waiting_;
  std::deque<ending_entry> ending_;
  boost::unordered_flat_set<job_key, key_hash> seen_;
  boost::unordered_flat_map<job_key, std::uint64_t, key_hash> contents_;
};

std::string for_people(duration estimate) {
  return estimate == duration::max() ? "centuries" : report::for_people(estimate);
}

std::string to_json(const check_result& r, const check_options& o) {
  json out{{"entries", r.entries},
           {"valid", r.valid},
           {"invalid", r.invalid},
           {"duplicate", r.duplicate},
           {"expiring", r.expiring.count},
           {"ended", r.expiring.ended},
           {"temporary_credentials", r.temporary}};
  out["expiring_first"] = json::array();
  for (const auto& e : r.expiring.first)
    out["expiring_first"].push_back({{"line", std::uint64_t{e.entry.line}},
                                     {"manifest", o.manifests.paths.at(e.entry.manifest)},
                                     {"expires_at", format_time(e.entry.ends)},
                                     {"turn_at", format_time(e.turn)}});
  out["problems"] = json::array();
  for (const auto& p : r.problems)
    out["problems"].push_back(
        {{"line", p.what.line}, {"field", p.what.field}, {"message", p.what.message}, {"manifest", p.manifest}});
  for (const auto t : all_tiers)
    out["estimate_s"][std::string(to_string(t))] = std::chrono::ceil<std::chrono::seconds>(r.estimate(t)).count();
  return printable_json(out.dump(-1, ' ', false, json::error_handler_t::replace));
}

std::string expiring_text(const expiring_entries& found, const check_options& o) {
  if (found.count == 0) return {};
  const auto tier = "tier " + std::string(to_string(o.quota.tier.value_or(quota::tier::free)));
  auto text = fmt::format("{} on {}",
                          report::count_of(found.count, "has a URL that expires before its turn comes",
                                           "have URLs that expire before their turn comes"),
                          o.quota.limits.empty() ? tier : "these limits");
  if (o.url_margin > duration::zero())
    text += fmt::format(", or within the {} after it that the service is given to fetch them",
                        format_duration(o.url_margin));
  if (found.ended > 0) text += fmt::format("; of which {} dead already", report::count_of(found.ended, "is", "are"));
  text += ":\n";
  for (std::size_t i = 0; i < std::min(found.first.size(), shown_expiring); ++i) {
    const auto& [entry, turn] = found.first[i];
    text +=
        fmt::format("  {} line {}: ends at {}, its turn comes at {}\n", printable(o.manifests.paths.at(entry.manifest)),
                    std::uint64_t{entry.line}, format_time(entry.ends), format_time(turn));
  }
  if (found.count > shown_expiring)
    text += fmt::format("  and {} more, which end later\n", report::with_commas(found.count - shown_expiring));
  return text;
}

std::string to_text(const check_result& r, const check_options& o) {
  using report::with_commas;
  if (r.entries == 0) return "The manifest has no entries.\n";
  auto text = fmt::format("{}: {} valid, {} invalid, {} duplicate\n", report::count_of(r.entries, "entry", "entries"),
                          with_commas(r.valid), with_commas(r.invalid), with_commas(r.duplicate));
  text += expiring_text(r.expiring, o);
  if (r.first_temporary)
    text += fmt::format("{} signed with temporary AWS credentials (the first in {} line {}): they die with those "
                        "credentials, perhaps before their own end\n",
                        report::count_of(r.temporary, "has URLs", "have URLs"), printable(r.first_temporary->manifest),
                        r.first_temporary->line);
  text += "Submitting them takes about";
  for (const auto t : all_tiers)
    text += fmt::format("{} {} on {}", t == all_tiers.front() ? "" : ",", for_people(r.estimate(t)), to_string(t));
  return text + "\n";
}

} // namespace

void add_check(CLI::App& root, program& p) {
  auto* command = root.add_subcommand(
      "check", "Check a manifest without sending: errors, duplicates, expiring URLs, how long it takes");
  auto o = std::make_shared<check_options>();
  o->manifests.add_to(*command, true);
  o->quota.add_to(*command);
  add_duration(*command, "--url-margin", o->url_margin,
               "A job whose presigned URLs end within this of its turn is not sent: the service has to fetch them");
  command->add_flag("--json", o->as_json, "Print one JSON object");
  command->footer("Examples:\n"
                  "  mcbatch check catalog.jsonl\n"
                  "  mcbatch check catalog.csv --tier pro --json | jq .problems\n"
                  "  mcbatch check presigned.jsonl --limit 200/60s --url-margin 1h\n"
                  "Exit code 65 if any entry is invalid.");
  command->callback([o, &p] {
    const auto result = checker(*o).run();
    if (o->as_json)
      fmt::print("{}\n", to_json(result, *o));
    else
      fmt::print("{}", to_text(result, *o));
    std::fflush(stdout);
    if (result.broken) throw exit_with{exit_code_of(result.broken->code), result.broken->what};
    if (result.invalid > 0) p.ended_with = exit_code::unusable_input;
  });
}

} // namespace mcbatch::cli
