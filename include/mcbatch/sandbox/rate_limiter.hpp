#ifndef MCBATCH_SANDBOX_RATE_LIMITER_HPP
#define MCBATCH_SANDBOX_RATE_LIMITER_HPP

#include <mcbatch/core/time.hpp>
#include <mcbatch/sandbox/rate_headers.hpp>
#include <mcbatch/sandbox/window.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

namespace mcbatch::sandbox {

/// Several limits that hold at once.
class rate_limiter {
public:
  rate_limiter(window_kind kind, std::vector<limit> limits);

  /// Moves every window to `now`, the server's own clock.
  void advance(now_pair now);

  /// Counts one request, and says whether it is within every limit.
  bool admit();

  /// How long until a request is admitted, if none comes before.
  [[nodiscard]] duration until_admitted() const;

  /// The shortest or the longest window as headers describe it; nothing where there is no limit.
  [[nodiscard]] std::optional<rate_view> describe(bool shortest) const;

  /// The window that holds the next request up for longest: what a refusal describes when the one it would describe
  /// resets too early. Nothing where there is no limit.
  [[nodiscard]] std::optional<rate_view> describe_strictest() const;

private:
  struct entry {
    limit declared;
    std::unique_ptr<window> state;

    [[nodiscard]] rate_view view() const { return {declared.requests, state->remaining(), state->until_more()}; }
    [[nodiscard]] duration until_admitted() const {
      return state->remaining() > 0 ? duration::zero() : state->until_more();
    }
  };

  std::vector<entry> windows_; // shortest first
};

} // namespace mcbatch::sandbox

#endif
