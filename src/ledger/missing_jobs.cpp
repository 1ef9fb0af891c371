#include "missing_jobs.hpp"

#include "schema.hpp"
#include "store_impl.hpp"

namespace mcbatch::ledger {

std::uint64_t count_missing(sql::database& db) {
  if (!has_missing(db)) return 0;
  return static_cast<std::uint64_t>(sql::query_integer(db, "SELECT count(*) FROM missing"));
}

missing_jobs::missing_jobs(sql::database& db)
    : db_(db), put_(db, "INSERT INTO missing(id, http_status, error, message, asked_at) VALUES (?, ?, ?, ?, ?)"),
      drop_(db, "DELETE FROM missing WHERE id = ?"), count_(count_missing(db)) {}

void missing_jobs::put(std::int64_t id, const outcome& said, wall_time at) {
  drop(id);
  put_.run(id, said.http_status, said.error, said.message, at);
  ++count_;
}

void missing_jobs::drop(std::int64_t id) {
  if (count_ == 0) return;
  drop_.run(id);
  count_ -= db_.changes();
}

void store::miss(std::int64_t id, const outcome& said, wall_time at) {
  {
    auto r = impl_->prepared.conversion_find.query(id);
    if (r.next() && is_final(r.integer<conversion_state>(0))) return;
  }
  impl_->missing.put(id, said, at);
}

std::uint64_t store::missing() const {
  return impl_->missing.count();
}

} // namespace mcbatch::ledger
