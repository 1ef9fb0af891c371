#include "tries.hpp"

#include "schema.hpp"

#include <algorithm>

namespace mcbatch::ledger {
namespace {

std::string sent_jobs(sql::database& db) {
  const bool followed = has_conversions(db);
  std::string text = "SELECT sent_at, answered_at, jobs.state, coalesce(http_status, 0)";
  text += followed ? ", coalesce(conversions.state, 0), coalesce(ended_at, heard_at), heard_at" : ", 0, NULL, NULL";
  text += " FROM jobs LEFT JOIN answers USING (id)";
  if (followed) text += " LEFT JOIN conversions USING (id)";
  return text += " WHERE sent_at IS NOT NULL ORDER BY sent_at"; // sorted on disk, if they are many
}

/// The service's clock may be wrong: the conversion ended after it was asked for, and before that was heard.
std::optional<wall_time> end_of(const try_record& t, const sql::rows& r) {
  if (!is_final(t.conversion)) return std::nullopt;
  return std::max(std::min(r.time(5), r.time(6)), t.sent_at);
}

} // namespace

void visit_tries(sql::database& db, const std::function<void(const try_record&)>& each) {
  sql::statement all(db, sent_jobs(db));
  try_record t;
  for (auto r = all.query(); r.next();) {
    t.sent_at = r.time(0);
    t.answered_at = r.null(1) ? std::nullopt : std::optional(r.time(1));
    t.state = r.integer<job_state>(2);
    t.http_status = r.integer<int>(3);
    t.conversion = r.integer<conversion_state>(4);
    t.ended_at = end_of(t, r);
    each(t);
  }
}

} // namespace mcbatch::ledger
