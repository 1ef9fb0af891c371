#include "runs.hpp"

namespace mcbatch::ledger {

run_record run_of(const sql::rows& r) {
  return {r.time(0), r.null(1) ? std::nullopt : std::optional(r.time(1)), std::string(r.bytes(2)),
          std::string(r.bytes(3))};
}

std::vector<run_record> all_runs(sql::database& db) {
  std::vector<run_record> runs;
  sql::statement all(db, "SELECT started_at, ended_at, stop_reason, summary FROM runs ORDER BY id");
  for (auto r = all.query(); r.next();)
    runs.push_back(run_of(r));
  return runs;
}

std::vector<std::string> manifest_names(sql::database& db) {
  std::vector<std::string> names;
  sql::statement all(db, "SELECT path FROM manifests ORDER BY id");
  for (auto r = all.query(); r.next();)
    names.emplace_back(r.bytes(0));
  return names;
}

} // namespace mcbatch::ledger
