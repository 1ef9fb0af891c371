#include "records.hpp"

#include "conversion_row.hpp"
#include "schema.hpp"

namespace mcbatch::ledger {
namespace {

/// A set of states as bits, for SQL.
std::int64_t mask_of(const record_filter& filter) {
  std::int64_t mask = 0;
  for (const auto state : filter.states)
    mask |= std::int64_t{1} << static_cast<int>(state);
  return filter.states.empty() ? ~std::int64_t{0} : mask;
}

std::string whole_record(sql::database& db) {
  const bool followed = has_conversions(db);
  std::string text = "SELECT key, manifests.path, line, jobs.state, coalesce(job_id, ''), coalesce(http_status, 0), "
                     "coalesce(answers.error, ''), coalesce(answers.message, ''), attempts, sent_at, answered_at, "
                     "estimated_cost_micros, body, own_size";
  text += followed
              ? ", coalesce(name, ''), conversions.state, progress_percent, cost_micros, processing_s, output_bytes, "
                "conversions.error, conversions.message, ended_at"
              : ", '', NULL";
  text += " FROM jobs JOIN entries USING (id) JOIN manifests ON manifests.id = manifest LEFT JOIN answers USING (id)";
  if (followed) text += " LEFT JOIN conversions USING (id) LEFT JOIN job_types ON job_types.id = type";
  return text += " WHERE jobs.id = ?";
}

/// Fills `record` anew from a row of `whole_record`.
void fill(record& to, const sql::rows& r) {
  to.key = r.null(0) ? std::nullopt : std::optional(r.key(0));
  to.manifest = r.bytes(1);
  to.line = r.integer<std::uint64_t>(2);
  to.state = r.integer<job_state>(3);
  to.job_id = r.bytes(4);
  to.http_status = r.integer<int>(5);
  to.error = r.bytes(6);
  to.message = r.bytes(7);
  to.attempts = r.integer<std::uint32_t>(8);
  to.sent_at = r.null(9) ? std::nullopt : std::optional(r.time(9));
  to.answered_at = r.null(10) ? std::nullopt : std::optional(r.time(10));
  to.submitted_at = to.state == job_state::submitted ? to.answered_at : std::nullopt;
  to.estimated_cost_micros = r.null(11) ? std::nullopt : std::optional(r.integer(11));
  to.body = r.bytes(12);
  to.own_size = r.null(13) ? 0 : r.integer<std::size_t>(13);
  to.job_type = r.bytes(14);
  to.conversion = r.null(15) ? std::nullopt : std::optional(conversion_of(r, 15));
}

void explain_invalid(record& to, sql::rows problems) {
  to.error = "invalid";
  while (problems.next()) {
    if (!to.message.empty()) to.message += "; ";
    to.message += problems.bytes(0);
  }
}

} // namespace

void for_each_record(sql::database& db, const record_filter& filter, const std::function<bool(const record&)>& each) {
  // Only the numbers are sorted, and SQLite does that on disk if they are many; the bodies are looked up one by one.
  // While this statement is under way, the others read in its snapshot.
  sql::statement in_order(db, "SELECT id FROM jobs WHERE (?1 >> state) & 1 ORDER BY manifest, line, id");
  sql::statement by_id(db, whole_record(db));
  sql::statement problems(db, "SELECT message FROM problems WHERE job = ? ORDER BY number");
  record current;
  for (auto ids = in_order.query(mask_of(filter)); ids.next();) {
    const auto id = ids.integer(0);
    auto r = by_id.query(id);
    if (!r.next()) throw sql::error(SQLITE_CORRUPT, "job " + std::to_string(id) + " has no body");
    fill(current, r);
    if (current.state == job_state::invalid) explain_invalid(current, problems.query(id));
    if (!each(current)) break;
  }
}

} // namespace mcbatch::ledger
