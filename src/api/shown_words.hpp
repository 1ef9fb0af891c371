#ifndef MCBATCH_API_SHOWN_WORDS_HPP
#define MCBATCH_API_SHOWN_WORDS_HPP

#include <mcbatch/api/token.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace mcbatch::api {

/// Makes what the service says about one request fit to be shown: tidied, without the token, and without the signatures
/// and security tokens that the request's own body, a JSON text, holds. A service that quotes those need not quote them
/// within a URL.
class shown_words {
public:
  shown_words(const token& sent_with, std::string_view body_sent);

  std::string operator()(std::string_view text) const;

private:
  [[nodiscard]] bool is_fit_as_it_is(std::string_view text) const;

  token token_;
  std::vector<std::string> secrets_;
};

} // namespace mcbatch::api

#endif
