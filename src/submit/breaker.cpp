#include <mcbatch/submit/backoff.hpp>
#include <mcbatch/submit/breaker.hpp>

namespace mcbatch::submit {
namespace {

constexpr unsigned tolerated_in_a_row = 5;

} // namespace

void breaker::on_unknown(instant now, bool alone) {
  const bool too_many = state_ == state::closed && ++unknown_in_a_row_ >= tolerated_in_a_row;
  if (too_many || (state_ == state::half_open && alone)) open(now);
}

void breaker::open(instant now) {
  state_ = state::open;
  if (!outage_since_) outage_since_ = now;
  next_probe_ = now + backoff(++backoffs_, random_);
}

void breaker::on_accepted(bool alone) {
  if (state_ != state::closed && !alone) return; // what left before the outage proves nothing about now
  state_ = state::closed;
  unknown_in_a_row_ = backoffs_ = 0;
  outage_since_.reset();
}

void breaker::on_settled() {
  if (state_ == state::open) return; // what left before the outage proves nothing about now
  unknown_in_a_row_ = 0;
  outage_since_.reset();
}

void breaker::on_probe(instant now, bool answers) {
  probe_in_flight_ = false;
  if (state_ != state::open) return;
  if (answers)
    state_ = state::half_open;
  else
    open(now);
}

} // namespace mcbatch::submit
