#include "problems.hpp"

#include "schema.hpp"

#include <mcbatch/core/conversion.hpp>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <string>
#include <tuple>
#include <utility>

namespace mcbatch::ledger {
namespace {

constexpr std::array all_kinds{problem_kind::rejected,  problem_kind::in_doubt, problem_kind::sending,
                               problem_kind::invalid,   problem_kind::expired,  problem_kind::failed,
                               problem_kind::cancelled, problem_kind::missing};

bool is_of_conversion(problem_kind kind) {
  return kind == problem_kind::failed || kind == problem_kind::cancelled;
}

/// Whether a ledger that no later mcbatch has opened for writing has what tells of such problems.
bool is_kept(sql::database& db, problem_kind kind) {
  if (kind == problem_kind::missing) return has_missing(db);
  return !is_of_conversion(kind) || has_conversions(db);
}

/// The jobs of a kind: id, status, error, message.
std::string rows_of(problem_kind kind) {
  const std::string name(to_string(kind));
  if (kind == problem_kind::missing) return "SELECT id, http_status AS status, error, message FROM missing";
  if (is_of_conversion(kind))
    return "SELECT id, 0 AS status, error, message FROM conversions WHERE state = " +
           std::to_string(static_cast<int>(*conversion_state_from_string(name)));
  const auto state = std::to_string(static_cast<int>(*job_state_from_string(name)));
  if (kind == problem_kind::invalid)
    return "SELECT id, 0 AS status, coalesce(field, '') AS error, coalesce(message, '') AS message "
           "FROM jobs LEFT JOIN problems ON job = id AND number = 0 WHERE state = " +
           state;
  return "SELECT id, coalesce(http_status, 0) AS status, coalesce(error, '') AS error, "
         "coalesce(message, '') AS message FROM jobs LEFT JOIN answers USING (id) WHERE state = " +
         state;
}

using reason = std::tuple<int, std::string, std::string>; // status, error, message

reason reason_of(const sql::rows& r, int first) {
  return {r.integer<int>(first), std::string(r.bytes(first + 1)), std::string(r.bytes(first + 2))};
}

/// Those of most jobs, without their places; what is left over goes to `others`.
std::vector<problem_group> largest_groups(sql::database& db, problem_kind kind, std::size_t most,
                                          std::vector<problem_groups::rest>& others) {
  std::vector<problem_group> groups;
  problem_groups::rest rest{kind, 0, 0};
  sql::statement by_size(db, "SELECT status, error, message, count(*) AS jobs FROM (" + rows_of(kind) +
                                 ") GROUP BY status, error, message ORDER BY jobs DESC, min(id)");
  for (auto r = by_size.query(); r.next();) {
    const auto jobs = r.integer<std::uint64_t>(3);
    if (groups.size() < most) {
      auto [status, error, message] = reason_of(r, 0);
      groups.push_back({kind, status, std::move(error), std::move(message), jobs, {}});
    } else {
      ++rest.groups;
      rest.jobs += jobs;
    }
  }
  if (rest.groups > 0) others.push_back(rest);
  return groups;
}

job_place place_of(sql::rows r) {
  if (!r.next()) throw sql::error(SQLITE_CORRUPT, "a job has no manifest");
  return {r.null(0) ? std::nullopt : std::optional(r.key(0)), std::string(r.bytes(1)), r.integer<std::uint64_t>(2),
          std::string(r.bytes(3))};
}

void find_places(sql::database& db, problem_kind kind, std::vector<problem_group>& groups, std::size_t most) {
  std::map<reason, problem_group*> wanting;
  for (auto& g : groups)
    wanting.emplace(reason{g.http_status, g.error, g.message}, &g);
  sql::statement jobs(db, rows_of(kind) + " ORDER BY id");
  sql::statement place(db, "SELECT key, path, line, coalesce(job_id, '') FROM jobs "
                           "JOIN manifests ON manifests.id = manifest LEFT JOIN answers USING (id) WHERE jobs.id = ?");
  for (auto r = jobs.query(); !wanting.empty() && r.next();) {
    const auto group = wanting.find(reason_of(r, 1));
    if (group == wanting.end()) continue;
    auto& [why, g] = *group;
    g->first.push_back(place_of(place.query(r.integer(0))));
    if (g->first.size() == std::min<std::uint64_t>(most, g->jobs)) wanting.erase(group);
  }
}

} // namespace

std::string_view to_string(problem_kind kind) noexcept {
  switch (kind) {
  case problem_kind::rejected:
    return "rejected";
  case problem_kind::in_doubt:
    return "in_doubt";
  case problem_kind::sending:
    return "sending";
  case problem_kind::invalid:
    return "invalid";
  case problem_kind::expired:
    return "expired";
  case problem_kind::failed:
    return "failed";
  case problem_kind::cancelled:
    return "cancelled";
  case problem_kind::missing:
    return "missing";
  }
  return "";
}

problem_groups group_problems(sql::database& db, std::size_t most_groups, std::size_t most_places) {
  problem_groups all;
  for (const auto kind : all_kinds) {
    if (!is_kept(db, kind)) continue;
    auto groups = largest_groups(db, kind, most_groups, all.others);
    find_places(db, kind, groups, most_places);
    std::move(groups.begin(), groups.end(), std::back_inserter(all.groups));
  }
  return all;
}

} // namespace mcbatch::ledger
