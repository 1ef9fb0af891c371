#include "runs.hpp"

#include "schema.hpp"

namespace mcbatch::ledger {
namespace {

std::string run_columns(sql::database& db) {
  return "SELECT started_at, ended_at, stop_reason, summary, " + std::string(has_run_kinds(db) ? "kind" : "'submit'") +
         " FROM runs ORDER BY id";
}

run_record run_of(const sql::rows& r) {
  return {r.time(0), r.null(1) ? std::nullopt : std::optional(r.time(1)), std::string(r.bytes(2)),
          std::string(r.bytes(3)), r.bytes(4) == to_string(run_kind::track) ? run_kind::track : run_kind::submit};
}

} // namespace

std::string_view to_string(run_kind kind) noexcept {
  return kind == run_kind::track ? "track" : "submit";
}

std::vector<run_record> all_runs(sql::database& db) {
  std::vector<run_record> runs;
  sql::statement all(db, run_columns(db));
  for (auto r = all.query(); r.next();)
    runs.push_back(run_of(r));
  return runs;
}

std::optional<run_record> last_run(sql::database& db) {
  sql::statement last(db, run_columns(db) + " DESC LIMIT 1");
  auto r = last.query();
  return r.next() ? std::optional(run_of(r)) : std::nullopt;
}

std::vector<std::string> manifest_names(sql::database& db) {
  std::vector<std::string> names;
  sql::statement all(db, "SELECT path FROM manifests ORDER BY id");
  for (auto r = all.query(); r.next();)
    names.emplace_back(r.bytes(0));
  return names;
}

} // namespace mcbatch::ledger
