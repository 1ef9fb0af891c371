#include "connection.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <charconv>

namespace mcbatch::net {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

/// A peer may send interim answers (RFC 9110, section 15.2); one that sends nothing else would hold us for ever.
constexpr int most_interim_answers = 8;
constexpr std::uint32_t most_proxy_header = 16 * 1024;
constexpr std::size_t most_read_at_once = 64 * 1024; // by Beast
constexpr auto unasked_framing = " framed its answer in a way that nobody asked for (Transfer-Encoding), so that its "
                                 "end is not certain";

/// Makes the handshake fail where the certificate is not for `host`. OpenSSL's own check, other than a callback of
/// ours, leaves its reason in the verify result.
bool expect_host(SSL* ssl, const std::string& host) {
  auto* wanted = SSL_get0_param(ssl);
  if (is_address(host)) return X509_VERIFY_PARAM_set1_ip_asc(wanted, host.c_str()) == 1;
  X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  // Server Name Indication is for names only (RFC 6066, section 3). SSL_set_tlsext_host_name is this with a C cast.
  auto* const indicated = const_cast<char*>(host.c_str());
  return X509_VERIFY_PARAM_set1_host(wanted, host.data(), host.size()) == 1 &&
         SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, indicated) == 1;
}

std::string advice_for(long verify_result) {
  switch (verify_result) {
  case X509_V_ERR_HOSTNAME_MISMATCH:
  case X509_V_ERR_IP_ADDRESS_MISMATCH:
    return "It is another host's: check the address";
  case X509_V_ERR_CERT_HAS_EXPIRED:
  case X509_V_ERR_CERT_NOT_YET_VALID:
    return "Check this machine's clock, and the service's certificate";
  default:
    return "If the service uses a private CA, name it with --ca-file";
  }
}

/// A transfer coding other than chunked was not asked for, and Beast reads past it: by Content-Length, where one stands
/// beside it, which the coding overrides (RFC 9112, section 6.3). Beast itself refuses chunked beside Content-Length.
bool has_unasked_framing(const http::response<http::string_body>& answer) {
  return answer.count(http::field::transfer_encoding) != 0 && !answer.chunked();
}

reply to_reply(http::response<http::string_body>&& answer) {
  reply plain{static_cast<int>(answer.result_int()), {}, std::move(answer.body())};
  for (const auto& field : answer)
    plain.fields.add(field.name_string(), field.value());
  return plain;
}

/// The `timeout` of a Keep-Alive field: "timeout=5, max=100" (RFC 2068, section 19.7.1.1).
std::optional<duration> promised_keep_alive(std::string_view field) {
  constexpr std::string_view parameter = "timeout=";
  const auto at = field.find(parameter);
  if (at == std::string_view::npos) return std::nullopt;
  std::uint16_t seconds = 0;
  const auto digits = field.substr(at + parameter.size());
  if (std::from_chars(digits.data(), digits.data() + digits.size(), seconds).ec != std::errc()) return std::nullopt;
  return std::chrono::seconds(seconds) - std::chrono::seconds(1);
}

} // namespace

connection::connection(const asio::any_io_executor& executor, asio::ssl::context& tls, origin peer)
    : peer_(std::move(peer)), name_(to_string(peer_)), lookup_(executor), stream_(executor, tls) {}

asio::awaitable<result<void>> connection::open(std::optional<proxy> via, time_limit limit) {
  const auto connected = co_await connect(via ? via->at : peer_, limit);
  if (!connected) co_return connected.error();
  if (via) {
    const auto tunnelled = co_await tunnel(*via, limit);
    if (!tunnelled) co_return tunnelled.error();
  }
  co_return co_await handshake(limit);
}

asio::awaitable<result<void>> connection::connect(origin where, time_limit limit) {
  const auto endpoints = co_await lookup_.run(where, limit);
  if (!endpoints) co_return endpoints.error();

  auto& tcp = stream_.next_layer();
  tcp.expires_at(limit.at);
  const auto [error, endpoint] = co_await tcp.async_connect(*endpoints, as_result);
  if (error == beast::error::timeout) co_return limit.failed("no connection to " + to_string(where) + " came about");
  if (error)
    co_return failure{errc::connect_failed,
                      "cannot connect to " + to_string(where) + ": " + error.message() +
                          (error == asio::error::no_descriptors ? ". Raise the limit on open files (ulimit -n)"
                                                                : ". The host, the network or a firewall refuses")};
  beast::error_code harmless; // without TCP_NODELAY it is only slower
  tcp.socket().set_option(asio::ip::tcp::no_delay(true), harmless);
  co_return result<void>();
}

asio::awaitable<result<void>> connection::tunnel(proxy via, time_limit limit) {
  const auto proxy_name = "the proxy " + to_string(via.at);
  auto& tcp = stream_.next_layer();

  http::request<http::empty_body> ask(http::verb::connect, name_, 11);
  ask.set(http::field::host, name_);
  if (!via.authorization.empty()) ask.set(http::field::proxy_authorization, via.authorization);
  auto [error, ignored] = co_await http::async_write(tcp, ask, as_result);

  beast::flat_buffer buffer;
  http::response_parser<http::empty_body> parser;
  parser.header_limit(most_proxy_header);
  if (!error) std::tie(error, ignored) = co_await http::async_read_header(tcp, buffer, parser, as_result);
  if (error == beast::error::timeout) co_return limit.failed(proxy_name + " opened no tunnel to " + name_);
  if (error)
    co_return failure{errc::connect_failed, proxy_name + " did not answer CONNECT " + name_ +
                                                " in HTTP: " + error.message() + ". Check HTTPS_PROXY"};

  const auto status = parser.get().result_int();
  if (status == 407)
    co_return failure{errc::connect_failed, proxy_name + " asks for credentials (407). Put them into HTTPS_PROXY as "
                                                         "http://user:password@host:port"};
  if (status / 100 != 2)
    co_return failure{errc::connect_failed,
                      proxy_name + " refused to connect to " + name_ + ": it answered " + std::to_string(status)};
  // In TLS the client speaks first: bytes behind the header are no part of a tunnel.
  if (buffer.size() != 0)
    co_return failure{errc::connect_failed, proxy_name + " sent bytes of its own into the tunnel to " + name_};
  co_return result<void>();
}

asio::awaitable<result<void>> connection::handshake(time_limit limit) {
  if (!expect_host(stream_.native_handle(), peer_.host))
    co_return failure{errc::tls_failed, "OpenSSL cannot verify a certificate for the host " + peer_.host};
  const auto [error] = co_await stream_.async_handshake(asio::ssl::stream_base::client, as_result);
  if (error) co_return handshake_failure(error, limit);
  // stale() reads without waiting; operations that wait do so in spite of it.
  beast::error_code unsupported;
  stream_.next_layer().socket().non_blocking(true, unsupported);
  if (unsupported)
    co_return failure{errc::connect_failed, "the socket to " + name_ + " failed: " + unsupported.message()};
  co_return result<void>();
}

failure connection::handshake_failure(const boost::system::error_code& error, time_limit limit) {
  if (error == beast::error::timeout) return limit.failed(name_ + " did not finish the TLS handshake");
  const auto verdict = SSL_get_verify_result(stream_.native_handle());
  if (verdict != X509_V_OK)
    return {errc::untrusted, "the certificate of " + name_ + " does not verify: " +
                                 X509_verify_cert_error_string(verdict) + ". " + advice_for(verdict)};
  return {errc::tls_failed,
          "the TLS handshake with " + name_ + " failed: " + error.message() + ". Check that the port speaks HTTPS"};
}

bool connection::stale() {
  if (closed_) return true;
  // Through TLS and not by looking at the socket: session tickets arrive after the handshake (RFC 8446, section
  // 4.6.1), make the socket readable, and mean nothing here.
  char unasked = 0;
  beast::error_code error;
  stream_.read_some(asio::buffer(&unasked, 1), error);
  return error != asio::error::would_block;
}

asio::awaitable<result<reply>> connection::exchange(message what, reply_limits limits, time_limit limit) {
  stream_.next_layer().expires_at(limit.at);
  reusable_ = false;
  const auto [error, written] = co_await http::async_write(stream_, what, as_result);
  last_ = {written, 0};
  if (error) co_return broken(error, limit);
  co_return co_await read_reply(limits, limit);
}

asio::awaitable<result<reply>> connection::read_reply(reply_limits limits, time_limit limit) {
  // Bounded: the parser's own limits leave out the extensions of chunks and the trailer.
  beast::flat_buffer buffer(limits.header + most_read_at_once);
  for (int interim = 0; interim <= most_interim_answers; ++interim) {
    http::response_parser<http::string_body> parser;
    parser.header_limit(limits.header);
    parser.body_limit(limits.body);
    const auto [error, length] = co_await http::async_read(stream_, buffer, parser, as_result);
    last_.received += length;
    if (error) co_return broken(error, limit);

    auto answer = parser.release();
    const auto status = answer.result_int(); // result() knows no 103
    if (status == 101) break;                // Switching Protocols: nobody asked
    if (status / 100 == 1) continue;
    if (has_unasked_framing(answer)) co_return failure{errc::broken_exchange, name_ + unasked_framing};

    // Bytes behind the answer belong to nothing that was asked.
    reusable_ = answer.keep_alive() && !answer.need_eof() && buffer.size() == 0 && !closed_;
    keep_alive_ = promised_keep_alive(answer[http::field::keep_alive]);
    if (reusable_) stream_.next_layer().expires_never();
    co_return to_reply(std::move(answer));
  }
  co_return failure{errc::broken_exchange, name_ + " sent interim answers and no final one"};
}

failure connection::broken(const boost::system::error_code& error, time_limit limit) const {
  if (error == beast::error::timeout) return limit.failed(name_ + " sent no whole answer");
  const bool too_large =
      error == http::error::header_limit || error == http::error::body_limit || error == http::error::buffer_overflow;
  if (too_large)
    return {errc::broken_exchange, "the answer of " + name_ + " is larger than is accepted (" + error.message() + ")"};
  return {errc::broken_exchange,
          "the exchange with " + name_ + " broke before a whole answer came: " + error.message()};
}

void connection::close() {
  closed_ = true;
  lookup_.abandon();
  stream_.next_layer().close();
}

} // namespace mcbatch::net
