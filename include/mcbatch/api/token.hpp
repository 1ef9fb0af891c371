#ifndef MCBATCH_API_TOKEN_HPP
#define MCBATCH_API_TOKEN_HPP

#include <mcbatch/core/error.hpp>
#include <mcbatch/net/environment.hpp>

#include <filesystem>
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace mcbatch::api {

/// How sentences speak of a secret: what it is, and the option that names a file with it.
struct secret_words {
  std::string_view name, file_option;
};
inline constexpr secret_words service_token{"token", "--token-file"};

/// A secret that is shared with the service: the account's token, or what it signs its events with. It prints as "***".
class token {
public:
  /// `origin` says where the text came from, for the sentence: "the environment variable X". errc::bad_setting where
  /// the text is empty or has anything but visible ASCII: it goes into a header field (RFC 6750, section 2.1).
  static result<token> from(std::string text, std::string_view origin, const secret_words& words = service_token);

  /// The secret itself. Only for the Authorization field and for a hash that names the account.
  [[nodiscard]] const std::string& secret() const { return *secret_; }

  friend bool operator==(const token& a, const token& b) { return a.secret() == b.secret(); }

private:
  explicit token(std::string secret) : secret_(std::make_shared<const std::string>(std::move(secret))) {}

  std::shared_ptr<const std::string> secret_; // each request has a copy
};

std::ostream& operator<<(std::ostream& out, const token& hidden);

/// The token in an environment variable. errc::bad_setting where it is not set or cannot be one.
result<token> token_from_env(std::string_view variable, const net::environment& lookup,
                             const secret_words& words = service_token);

/// The token on a file's first line. errc::bad_setting where the file cannot be read or is a directory, where its group
/// or others can read it, or where the line cannot be a token.
result<token> token_from_file(const std::filesystem::path& path, const secret_words& words = service_token);

} // namespace mcbatch::api

#endif
