#ifndef MCBATCH_SUBMIT_TOKEN_SOURCE_HPP
#define MCBATCH_SUBMIT_TOKEN_SOURCE_HPP

#include <mcbatch/api/token.hpp>
#include <mcbatch/core/error.hpp>

#include <cstdint>
#include <functional>

namespace mcbatch::submit {

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
  result<bool> reload();

private:
  api::token token_;
  reader read_again_;
  std::uint64_t serial_ = 0;
};

} // namespace mcbatch::submit

#endif
