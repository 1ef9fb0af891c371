#include <mcbatch/report/bench_record.hpp>

namespace mcbatch::report {

void bench_record::left(instant now) {
  ++departures_;
  if (begun_) return;
  begun_ = last_ended_ = now;
}

void bench_record::ended(instant now, duration latency, const outcome& what) {
  last_ended_ = now;
  const bool is_accepted = what.what == meaning::accepted;
  const bool is_answered = what.http_status != 0;
  if (is_accepted) {
    ++accepted_;
  } else {
    ++error_count_;
    // A 2xx without an id is an error: its status alone would not say so.
    const bool by_name = !is_answered || what.what == meaning::unclear_success;
    ++errors_[by_name ? std::string(to_string(what.what)) : std::to_string(what.http_status)];
  }
  if (is_answered) latency_.add(latency);
  if (!timeline_) timeline_.emplace(*begun_);
  timeline_->add(now, is_accepted, is_answered ? std::optional(latency) : std::nullopt);
}

} // namespace mcbatch::report
