#include <mcbatch/net/tls_context.hpp>

#include <boost/asio/ssl/context.hpp>

#include <openssl/ssl.h>

#include <cerrno>
#include <cstring>
#include <fstream>

namespace mcbatch::net {
namespace {

namespace ssl = boost::asio::ssl;

result<void> trust_file(ssl::context& context, const std::filesystem::path& ca_file) {
  errno = 0;
  const std::ifstream readable(ca_file);
  if (!readable.is_open())
    return failure{errc::bad_setting, "the CA file " + ca_file.string() + " cannot be read: " + std::strerror(errno) +
                                          ". Name a readable PEM file with --ca-file"};
  boost::system::error_code error;
  context.load_verify_file(ca_file.string(), error);
  if (error)
    return failure{errc::bad_setting, "the CA file " + ca_file.string() +
                                          " holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)"};
  return {};
}

} // namespace

result<tls_context> tls_context::create(const std::optional<std::filesystem::path>& ca_file) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
  if (SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION) != 1)
    return failure{errc::tls_failed, "OpenSSL on this machine does not speak TLS 1.2 or later"};
  SSL_CTX_set_options(context->native_handle(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  context->set_verify_mode(ssl::verify_peer);

  boost::system::error_code error;
  context->set_default_verify_paths(error);
  if (error) return failure{errc::tls_failed, "the system's trust anchors cannot be loaded: " + error.message()};
  if (ca_file) {
    const auto trusted = trust_file(*context, *ca_file);
    if (!trusted) return trusted.error();
  }
  return tls_context(std::move(context));
}

} // namespace mcbatch::net
