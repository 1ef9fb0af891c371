#ifndef MCBATCH_SUBMIT_TOKEN_SOURCE_HPP
#define MCBATCH_SUBMIT_TOKEN_SOURCE_HPP

#include <mcbatch/api/token.hpp>
#include <mcbatch/core/error.hpp>
#include <mcbatch/core/time.hpp>

#include <cstdint>
#include <functional>
#include <optional>

namespace mcbatch::submit {

/// What comes of a token that the service refused.
enum class token_fate {
  replaced, ///< another is in use by now, or from now on
  awaited,  ///< a new one is perhaps just being written: nothing should go out before `look_again_at`
  refused,  ///< there is no other: the run has to stop
};

/// The token that requests go out with, and where a newer one may be had. Network thread only.
class token_source {
public:
  using reader = std::function<result<api::token>()>;

  /// `read_again` reads the token's source anew; for one that cannot change, it gives the same again.
  token_source(api::token token, reader read_again) : token_(std::move(token)), read_again_(std::move(read_again)) {}

  [[nodiscard]] const api::token& current() const { return token_; }

  /// Counts the tokens that were had: which one a request went out with.
  [[nodiscard]] std::uint64_t serial() const { return serial_; }

  /// Reads the source again. Returns whether it holds another token now; it is the current one then.
  result<bool> reload(instant now);

  /// The service refused the token with that serial: reads the source again. Who writes a new token into it may not
  /// have got further than to empty it, or to half of the new one, which is a token as well: so one that cannot be
  /// read, and one that is new itself, are looked at again for a few seconds.
  token_fate on_refused(std::uint64_t serial, instant now);

  /// When a source that holds no good token is to be looked at again, if so.
  [[nodiscard]] std::optional<instant> look_again_at() const { return look_again_at_; }

  /// Why the source could not be read the last time, if so.
  [[nodiscard]] const std::optional<failure>& problem() const { return problem_; }

private:
  api::token token_;
  reader read_again_;
  std::uint64_t serial_ = 0;
  std::optional<failure> problem_;
  std::optional<instant> renewed_at_, unreadable_since_, look_again_at_;
};

} // namespace mcbatch::submit

#endif
