#ifndef MCBATCH_LEDGER_MISSING_JOBS_HPP
#define MCBATCH_LEDGER_MISSING_JOBS_HPP

#include "sqlite.hpp"

#include <mcbatch/core/outcome.hpp>
#include <mcbatch/core/time.hpp>

#include <cstdint>

namespace mcbatch::ledger {

/// How many submitted jobs the service did not know; 0 in a ledger that keeps no record of that.
std::uint64_t count_missing(sql::database& db);

/// The record of the submitted jobs that the service does not know, and of what it said when it was asked about them.
class missing_jobs {
public:
  explicit missing_jobs(sql::database& db);

  void put(std::int64_t id, const outcome& said, wall_time at);
  /// The service knows it after all.
  void drop(std::int64_t id);
  [[nodiscard]] std::uint64_t count() const { return count_; }

private:
  sql::database& db_;
  sql::statement put_, drop_;
  std::uint64_t count_;
};

} // namespace mcbatch::ledger

#endif
