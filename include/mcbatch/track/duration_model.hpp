#ifndef MCBATCH_TRACK_DURATION_MODEL_HPP
#define MCBATCH_TRACK_DURATION_MODEL_HPP

#include <mcbatch/core/time.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace mcbatch::track {

/// Learns how long conversions take, by the type of the job, and foretells when one that is still under way may have
/// ended. What is still under way teaches as well: of how many that had come so far, how many ended within the next
/// quarter of their age (the estimator of Kaplan and Meier). Later observations weigh more: a service becomes faster,
/// and manifests change. A type of which little was seen is taken to be like the others, and without any observation a
/// conversion is thought to take a quarter of a minute, or as long again as it has taken. Not thread-safe.
class duration_model {
public:
  using type = std::uint16_t;

  /// The number of a job's type. All beyond a thousand are one.
  type type_of(std::string_view name);

  /// A conversion that had not ended at the age of `from` had not at that of `to` either. Each span of a conversion's
  /// life is told once. `probability`: that it was so.
  void lived(type t, duration from, duration to, double probability = 1);

  /// A conversion that had not ended at the age of `from` ended at that of `end`.
  void ended(type t, duration from, duration end);

  /// How many ends were observed, of all types.
  [[nodiscard]] std::uint64_t observed() const { return observed_; }

  /// The probability that a conversion of that type has ended by `age`, if at `alive_at` it had not.
  [[nodiscard]] double ended_by(type t, duration alive_at, duration age) const;

  /// The age by which such a conversion has ended with probability `p`: longer than `alive_at`, by a day at most.
  [[nodiscard]] duration quantile(type t, duration alive_at, double p) const;

private:
  /// Each span's end is a quarter beyond the one before: from a tenth of a second to some twenty days.
  static constexpr std::size_t spans = 76;

  /// Of each span, the weight of those that came to it and of those that ended within it.
  struct counts {
    std::array<double, spans> came{}, ended{};
    void forget();
    void add(double from, double to, double weight = 1);
  };

  /// What follows of the counts; as it was some observations ago, for it takes a while to compute.
  struct forecast {
    std::array<double, spans + 1> log_survival{}; // up to each span
    double good_until = -1;                       // how much is told of the type
  };

  [[nodiscard]] double risk(const counts& own, std::size_t span) const;
  [[nodiscard]] const forecast& of(type t) const;
  [[nodiscard]] double log_survival(type t, double seconds) const;

  struct type_record {
    counts seen;
    double told = 0; // how often something was
    mutable forecast last;
  };

  std::unordered_map<std::string, type> numbers_;
  std::vector<type_record> by_type_{1};
  counts all_;
  std::uint64_t observed_ = 0;
};

} // namespace mcbatch::track

#endif
