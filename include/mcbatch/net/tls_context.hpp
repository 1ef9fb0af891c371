#ifndef MCBATCH_NET_TLS_CONTEXT_HPP
#define MCBATCH_NET_TLS_CONTEXT_HPP

#include <mcbatch/core/error.hpp>

#include <filesystem>
#include <memory>
#include <optional>

namespace boost::asio::ssl {
class context;
}

namespace mcbatch::net {

/// How the client side of TLS is spoken: version 1.2 or later, the peer's certificate always verified, against the
/// system's trust anchors and those of one more file. Renegotiation is refused; early data, which can be replayed
/// (RFC 8446, section 8), is never sent.
class tls_context {
public:
  /// `ca_file` holds further trust anchors in PEM. errc::bad_setting where it cannot be read or holds no certificate,
  /// errc::tls_failed where the system's trust anchors cannot be loaded.
  static result<tls_context> create(const std::optional<std::filesystem::path>& ca_file = std::nullopt);

  [[nodiscard]] const std::shared_ptr<boost::asio::ssl::context>& native() const { return native_; }

private:
  explicit tls_context(std::shared_ptr<boost::asio::ssl::context> native) : native_(std::move(native)) {}

  std::shared_ptr<boost::asio::ssl::context> native_;
};

} // namespace mcbatch::net

#endif
