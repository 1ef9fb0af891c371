#ifndef MCBATCH_SANDBOX_WINDOW_HPP
#define MCBATCH_SANDBOX_WINDOW_HPP

#include <mcbatch/core/time.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace mcbatch::sandbox {

/// The ways in which a service may count "N requests per window". The vendor's documentation does not say which.
enum class window_kind {
  fixed,   ///< counts anew at each multiple of the window since the epoch, by the server's wall clock
  sliding, ///< counts whatever arrived within the last window
  bucket,  ///< holds N tokens, starts full, and refills evenly at N per window
};

/// "fixed", "sliding", "bucket".
std::optional<window_kind> window_kind_from_string(std::string_view text) noexcept;

/// So many requests within a window of that length.
struct limit {
  std::uint64_t requests;
  duration window;
};

/// One limit being enforced. Every answer speaks of the instant that `advance` was last given.
class window {
public:
  virtual ~window() = default;

  /// Moves to `now`, whose monotonic part never goes back.
  virtual void advance(now_pair now) = 0;

  /// How many more requests would be admitted at once.
  [[nodiscard]] virtual std::uint64_t remaining() const = 0;

  /// Counts one request. A refused one counts as well, except in a bucket, where no token is left to take.
  virtual void count(bool admitted) = 0;

  /// How long until `remaining` rises, if nothing more arrives; 0 when nothing is spent of a sliding window or a
  /// bucket.
  [[nodiscard]] virtual duration until_more() const = 0;
};

/// A window with nothing spent. `l` has at least one request and a positive length.
std::unique_ptr<window> make_window(window_kind kind, limit l);

} // namespace mcbatch::sandbox

#endif
