#ifndef MCBATCH_TRACK_POLL_PLAN_HPP
#define MCBATCH_TRACK_POLL_PLAN_HPP

#include <mcbatch/core/time.hpp>
#include <mcbatch/track/duration_model.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace mcbatch::track {

struct poll_settings {
  /// The service tells of ends by itself: only those are asked about whose event is overdue.
  bool expect_events = false;
  duration event_grace = std::chrono::minutes(1); ///< how late an event may be
  unsigned most_failures = 5; ///< answers in a row that say the job is not there; then they are believed
};

/// Who told that a conversion has ended.
enum class told_by { event, answer };

/// Decides which job's conversion to ask about next, and when: the one that has most likely ended since it was last
/// looked at, as conversions of its type go. Pure; not thread-safe. Some 200 bytes a job.
class poll_plan {
public:
  explicit poll_plan(poll_settings settings = {}) : settings_(settings) {}

  /// A job that was submitted at `since`, on the clock of `now`, and has not ended as far as is known. One that is
  /// known stays as it is. `counted`: so far its life teaches nothing, for it may have been told before.
  void add(std::int64_t job, std::string_view type, instant since, instant now, bool counted = false);

  /// Takes the job to ask about at `now`. It is out of the queue until it is told what came of that.
  std::optional<std::int64_t> take(instant now);

  /// When `take` will have one; nothing where none waits.
  [[nodiscard]] std::optional<instant> next() const;

  void still_open(std::int64_t job, instant now); ///< it has not ended: it was asked about
  void progressed(std::int64_t job, instant now); ///< nor has it, by an event
  /// It has ended, after `took` where that is known. Also of a job that was not taken, and for one that is not known.
  void ended(std::int64_t job, std::optional<duration> took, instant now, told_by how);
  void not_asked(std::int64_t job, instant now); ///< no answer came that says anything
  /// The service does not know it: perhaps for a while, so that it is asked again after ever longer times, an hour at
  /// most. Returns whether it has said so too often for that.
  bool not_there(std::int64_t job, instant now);
  void found(std::int64_t job, instant now); ///< it is known after all, and is asked about next
  /// It is planned for no more.
  void forget(std::int64_t job);

  /// Whether most ends that looks found had come without an event: then all are asked about as if none were expected.
  [[nodiscard]] bool events_fail() const {
    return settings_.expect_events && unheard_ >= enough_to_distrust && unheard_ > heard_;
  }

  [[nodiscard]] bool knows(std::int64_t job) const { return jobs_.contains(job); }
  [[nodiscard]] std::size_t size() const { return jobs_.size(); }
  /// How many there are but for those that are not there, of which nothing more is expected.
  [[nodiscard]] std::size_t expected() const { return jobs_.size() - not_there_; }
  /// When it is asked about, as things stand. Of one that is known and not taken.
  [[nodiscard]] instant due(std::int64_t job) const { return jobs_.at(job).due; }
  [[nodiscard]] const duration_model& model() const { return model_; }

private:
  struct entry {
    instant since, looked; // submitted, and last seen open
    instant counted;       // as alive, for the model
    instant due;           // in the queue
    instant known;         // since then an event would be heard
    duration_model::type type;
    std::uint8_t failures = 0;
    bool taken = false;
    bool asked = false;  // and had not ended
    bool sample = false; // asked about as if no events were expected
  };

  static constexpr double enough_to_trust = 20, enough_to_distrust = 5; // ends
  static constexpr std::size_t samples = 8;

  void queue(std::int64_t job, entry& e, instant due);
  void seen_open(entry& e, instant now);
  void forgive(entry& e);
  void erase(std::unordered_map<std::int64_t, entry>::iterator at);
  [[nodiscard]] bool may_be_late(const entry& e, instant now) const;
  [[nodiscard]] bool is_not_there(const entry& e) const { return e.failures >= settings_.most_failures; }
  [[nodiscard]] instant due_of(const entry& e) const;
  void count_alive(entry& e, instant now, double probability = 1);
  void count_silent(instant now);
  /// Of events; one in twenty while little is known, lest those that are lost be thought to live on and never be asked
  /// about.
  [[nodiscard]] double loss() const { return (unheard_ + 1) / (heard_ + unheard_ + 20); }
  void plan_anew(instant now);

  poll_settings settings_;
  duration_model model_;
  std::unordered_map<std::int64_t, entry> jobs_;
  std::set<std::pair<instant, std::int64_t>> queue_;
  std::uint64_t planned_with_ = 0; // observations
  double heard_ = 0, unheard_ = 0; // ends, by events and by looks
  std::size_t sampled_ = 0, not_there_ = 0;
  instant began_ = instant::max(); // the first was planned for: events are heard since then at the latest
};

} // namespace mcbatch::track

#endif
