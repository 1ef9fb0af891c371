#include <mcbatch/net/tls_context.hpp>

#include <boost/asio/ssl/context.hpp>

#include <openssl/ssl.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>

namespace mcbatch::net {
namespace {

namespace ssl = boost::asio::ssl;

/// Whether `directory` holds certificates by the hashes of their subjects, as openssl-rehash(1) lays them, and so many
/// that they are the system's.
bool is_by_hash(const std::filesystem::path& directory) {
  constexpr std::string_view hexadecimal = "0123456789abcdef";
  constexpr int enough = 32;
  int found = 0;
  std::error_code failed;
  for (std::filesystem::directory_iterator each(directory, failed), end; !failed && each != end;
       each.increment(failed)) {
    const auto name = each->path().filename().string();
    if (name.size() == 10 && name.find_first_not_of(hexadecimal) == 8 && name.ends_with(".0") && ++found == enough)
      return true;
  }
  return false;
}

/// The system's trust anchors. Where they lie by hash, and nobody named others, the few that are needed are read when
/// they are: to read the one file that holds all takes longer than everything else before the first request.
bool trust_system(SSL_CTX* context) {
  const auto is_set = [](const char* variable) { return ::secure_getenv(variable) != nullptr; }; // as OpenSSL reads it
  const bool others_are_named = is_set(X509_get_default_cert_file_env()) || is_set(X509_get_default_cert_dir_env());
  if (!others_are_named && is_by_hash(X509_get_default_cert_dir())) return SSL_CTX_set_default_verify_dir(context) == 1;
  return SSL_CTX_set_default_verify_paths(context) == 1;
}

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

  if (!trust_system(context->native_handle()))
    return failure{errc::tls_failed,
                   "OpenSSL cannot load the system's trust anchors: look at SSL_CERT_FILE and SSL_CERT_DIR"};
  if (ca_file) {
    const auto trusted = trust_file(*context, *ca_file);
    if (!trusted) return trusted.error();
  }
  return tls_context(std::move(context));
}

} // namespace mcbatch::net
