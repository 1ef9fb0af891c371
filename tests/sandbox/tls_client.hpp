#ifndef MCBATCH_TESTS_SANDBOX_TLS_CLIENT_HPP
#define MCBATCH_TESTS_SANDBOX_TLS_CLIENT_HPP

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace mcbatch::sandbox::tests {

/// A blocking HTTPS client on plain OpenSSL, which trusts one CA and connects to 127.0.0.1. Nothing that the server is
/// made of is in it. A peer that is silent for ten seconds counts as gone.
class tls_client {
public:
  struct outcome {
    std::string text;   ///< what came, head and body
    bool whole = false; ///< it came to its declared end
    [[nodiscard]] int status() const;
    [[nodiscard]] std::string body() const;
  };

  /// Connects; `why_not` says what was wrong where it could not.
  tls_client(unsigned short port, const std::string& ca_pem, std::string_view host = "127.0.0.1",
             std::optional<int> max_tls_version = std::nullopt);
  tls_client(tls_client&&) noexcept;
  ~tls_client();

  [[nodiscard]] bool connected() const;
  [[nodiscard]] const std::string& why_not() const;

  /// Writes `bytes`; false if the peer is gone.
  bool send(std::string_view bytes);

  /// Reads one answer, or what there is of it when the connection ends.
  outcome receive();

  /// Whether the server has ended the connection: blocks until it does or sends something.
  bool ended();

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace mcbatch::sandbox::tests

#endif
