#ifndef MCBATCH_LEDGER_DUE_JOBS_HPP
#define MCBATCH_LEDGER_DUE_JOBS_HPP

#include "row_set.hpp"

#include <mcbatch/core/time.hpp>
#include <mcbatch/ledger/store.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace mcbatch::ledger {

/// The jobs of a run that are still to be fetched, and when their URLs end: a bit a job, and four bytes more where any
/// job has an end. Were the ends left in the file, whoever asks which comes soonest would read every body's page, and
/// intents and outcomes would wait meanwhile.
class due_jobs {
public:
  /// A job that is not due yet.
  void insert(std::int64_t id, std::optional<wall_time> ends);

  /// Makes a job due again, with the end that it had.
  void put_back(std::int64_t id);

  /// Removes the next job in `order` and returns it. Of two that end together, and of those that do not end, which come
  /// after all that do, the lowest goes first.
  std::optional<std::int64_t> take(fetch_order order);

  /// Whether any of them has an end.
  [[nodiscard]] bool any_ends() const { return ending_ > 0; }

  /// Calls `each` with the end of each, from the lowest on.
  void for_each(const std::function<void(std::optional<wall_time>)>& each) const;

private:
  using seconds_of_1970 = std::uint32_t; // until 2106; 0: never

  [[nodiscard]] seconds_of_1970 end_of(std::int64_t id) const;
  void add(std::int64_t id);
  void find_soonest();

  row_set due_;
  std::deque<seconds_of_1970> ends_; // by id
  std::uint64_t ending_ = 0;         // how many of those that are due have an end

  // Of all that are due those that end soonest, the very soonest last; empty where it is not known.
  std::vector<std::pair<seconds_of_1970, std::int64_t>> soonest_;
};

} // namespace mcbatch::ledger

#endif
