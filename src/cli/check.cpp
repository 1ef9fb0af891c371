#include "cli/command.hpp"
#include "cli/options.hpp"

#include <mcbatch/quota/estimate.hpp>
#include <mcbatch/report/text.hpp>
#include <mcbatch/submit/clocks.hpp>

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <cstring>

namespace mcbatch::cli {
namespace {

using json = nlohmann::ordered_json;

constexpr std::size_t listed_problems = 100;

struct check_options {
  manifest_options manifests;
  quota_options quota;
  bool as_json = false;
};

struct listed_problem {
  std::string manifest;
  manifest::problem what;
};

struct check_result {
  std::uint64_t entries = 0, valid = 0, invalid = 0, duplicate = 0, expiring = 0;
  std::vector<listed_problem> problems; // the first ones
  std::optional<failure> broken;        // a manifest could not be read to its end
};

struct key_hash {
  using is_avalanching = void; // the key is a hash itself
  std::size_t operator()(const job_key& key) const noexcept {
    std::size_t hash;
    std::memcpy(&hash, key.bytes.data(), sizeof hash);
    return hash;
  }
};

/// Reads manifests without sending anything. It keeps 16 bytes a job, and a few more under --key.
class checker {
public:
  explicit checker(const check_options& o)
      : o_(o),
        turn_(o.quota.limits.empty() ? quota::limits_of(o.quota.tier.value_or(quota::tier::free)) : o.quota.limits),
        now_(submit::read_clocks().wall) {}

  check_result run() {
    for (const auto& path : o_.manifests.paths) {
      auto reader = value_or_exit(manifest::reader::open(path, o_.manifests.reading));
      if (!read(path, reader)) break;
    }
    return std::move(result_);
  }

private:
  bool read(const std::string& path, manifest::reader& reader) {
    for (;;) {
      auto item = reader.next();
      if (!item) {
        result_.broken = item.error();
        if (result_.problems.size() < listed_problems) result_.problems.push_back({path, {0, "", item.error().what}});
        return false;
      }
      if (!item->has_value()) return true;
      ++result_.entries;
      std::visit([&](const auto& entry) { take(path, entry); }, **item);
    }
  }

  void take(const std::string& path, const manifest::bad_entry& entry) {
    ++result_.invalid;
    for (const auto& p : entry.problems)
      list(path, p);
  }

  void take(const std::string& path, const manifest::entry& entry) {
    if (!o_.manifests.reading.key_field) {
      if (!seen_.insert(entry.key).second) return void(++result_.duplicate);
    } else {
      std::uint64_t content;
      std::memcpy(&content, entry.content.bytes.data(), sizeof content);
      const auto [first, fresh] = contents_.emplace(entry.key, content);
      if (!fresh && first->second != content) {
        ++result_.invalid;
        return list(path, {entry.line, *o_.manifests.reading.key_field,
                           "has the key of an earlier entry and other content; only the first is submitted"});
      }
      if (!fresh) return void(++result_.duplicate);
    }
    const auto turn = now_ + std::chrono::duration_cast<wall_time::duration>(turn_(result_.valid++));
    if (entry.expires_at && *entry.expires_at <= turn) ++result_.expiring;
  }

  void list(const std::string& path, const manifest::problem& p) {
    if (!o_.as_json) fmt::print("{} line {}: {}\n", path, p.line, p.message);
    if (result_.problems.size() < listed_problems) result_.problems.push_back({path, p});
  }

  const check_options& o_;
  quota::turn_estimate turn_;
  wall_time now_;
  check_result result_;
  boost::unordered_flat_set<job_key, key_hash> seen_;
  boost::unordered_flat_map<job_key, std::uint64_t, key_hash> contents_;
};

/// When the last of so many requests could leave.
duration estimate(std::uint64_t jobs, std::vector<quota::limit> limits) {
  return jobs == 0 ? duration::zero() : quota::turn_estimate(std::move(limits))(jobs - 1);
}

constexpr std::array all_tiers{quota::tier::free, quota::tier::basic, quota::tier::pro, quota::tier::enterprise};

std::string to_json(const check_result& r) {
  json out{{"entries", r.entries},
           {"valid", r.valid},
           {"invalid", r.invalid},
           {"duplicate", r.duplicate},
           {"expiring", r.expiring}};
  out["problems"] = json::array();
  for (const auto& p : r.problems)
    out["problems"].push_back(
        {{"line", p.what.line}, {"field", p.what.field}, {"message", p.what.message}, {"manifest", p.manifest}});
  for (const auto t : all_tiers)
    out["estimate_s"][std::string(to_string(t))] = estimate(r.valid, quota::limits_of(t)) / std::chrono::seconds(1);
  return out.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string to_text(const check_result& r, const check_options& o) {
  using report::with_commas;
  if (r.entries == 0) return "The manifest has no entries.\n";
  auto text = fmt::format("{}: {} valid, {} invalid, {} duplicate\n", report::count_of(r.entries, "entry", "entries"),
                          with_commas(r.valid), with_commas(r.invalid), with_commas(r.duplicate));
  if (r.expiring > 0)
    text +=
        fmt::format("{} before their turn comes on {}\n",
                    report::count_of(r.expiring, "has a URL that expires", "have URLs that expire"),
                    o.quota.limits.empty() ? "tier " + std::string(to_string(o.quota.tier.value_or(quota::tier::free)))
                                           : "these limits");
  text += "Submitting them takes at least:";
  for (const auto t : all_tiers)
    text += fmt::format("{} {} on {}", t == all_tiers.front() ? "" : ",",
                        report::for_people(estimate(r.valid, quota::limits_of(t))), to_string(t));
  return text + "\n";
}

} // namespace

void add_check(CLI::App& root, program& p) {
  auto* command = root.add_subcommand(
      "check", "Check a manifest without sending: errors, duplicates, expiring URLs, how long it takes");
  auto o = std::make_shared<check_options>();
  o->manifests.add_to(*command, true);
  o->quota.add_to(*command);
  command->add_flag("--json", o->as_json, "Print one JSON object");
  command->footer("Examples:\n"
                  "  mcbatch check catalog.jsonl\n"
                  "  mcbatch check catalog.csv --tier pro --json | jq .problems\n"
                  "Exit code 65 if any entry is invalid.");
  command->callback([o, &p] {
    const auto result = checker(*o).run();
    if (o->as_json)
      fmt::print("{}\n", to_json(result));
    else
      fmt::print("{}", to_text(result, *o));
    std::fflush(stdout);
    if (result.broken) throw exit_with{exit_code_of(result.broken->code), result.broken->what};
    if (result.invalid > 0) p.ended_with = exit_code::unusable_input;
  });
}

} // namespace mcbatch::cli
