#ifndef MCBATCH_SUBMIT_BREAKER_HPP
#define MCBATCH_SUBMIT_BREAKER_HPP

#include <mcbatch/core/random.hpp>
#include <mcbatch/core/time.hpp>

#include <optional>

namespace mcbatch::submit {

/// Keeps an outage from putting many jobs in doubt. After a few unknown outcomes in a row it lets no job out and has
/// the service probed, with a backoff, until it answers; then one job goes alone, and only its acceptance closes the
/// breaker.
///
/// Pure: `now` is an argument. An outage lasts from when the breaker opens until a job gets an answer that settles
/// something; until one is accepted, jobs go alone.
class breaker {
public:
  enum class state { closed, open, half_open };

  explicit breaker(random_source random) : random_(random) {}

  /// A job's outcome tells nothing but that the service is unwell. `alone`: it is the one that went while half open.
  void on_unknown(instant now, bool alone);
  /// A job was accepted.
  void on_accepted(bool alone);
  /// A job got another answer that tells something about it.
  void on_settled();
  /// A probe left.
  void on_probe_sent() { probe_in_flight_ = true; }
  /// It came back, and the service answers again, or not.
  void on_probe(instant now, bool answers);

  [[nodiscard]] state current() const { return state_; }
  [[nodiscard]] bool probe_in_flight() const { return probe_in_flight_; }
  /// When the next probe is due. Only while open.
  [[nodiscard]] instant next_probe() const { return next_probe_; }
  /// Since when the service has not worked, while it does not.
  [[nodiscard]] std::optional<instant> outage_since() const { return outage_since_; }

private:
  void open(instant now);

  random_source random_;
  state state_ = state::closed;
  unsigned unknown_in_a_row_ = 0, backoffs_ = 0;
  bool probe_in_flight_ = false;
  instant next_probe_{};
  std::optional<instant> outage_since_;
};

} // namespace mcbatch::submit

#endif
