#include "connection.hpp"

#include "answer_parser.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <charconv>
#include <tuple>
#include <utility>

namespace mcbatch::net {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

constexpr auto as_result = asio::as_tuple(use_awaitable);

/// A peer may send interim answers (RFC 9110, section 15.2); one that sends nothing else would hold us for ever.
constexpr int most_interim_answers = 8;
constexpr std::uint32_t most_proxy_header = 16 * 1024;
constexpr std::size_t read_at_once = 4096; // bytes, and more where the buffer has grown
constexpr std::size_t most_buffered_body = 64 * 1024;
constexpr std::size_t most_taken = 16 * 1024 * 1024; // bytes of a message: the largest body in chunks of a byte, twice
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

/// A deadline as long as it lives.
class deadline_of {
public:
  deadline_of(instant& where, instant at) : where_(where) { where_ = at; }
  ~deadline_of() { where_ = instant::max(); }
  deadline_of(const deadline_of&) = delete;
  deadline_of& operator=(const deadline_of&) = delete;

private:
  instant& where_;
};

} // namespace

connection::connection(const io_executor& executor, asio::ssl::context& tls, tls_session& session, origin peer)
    : peer_(std::move(peer)), name_(to_string(peer_)), lookup_(executor), stream_(executor, tls), session_(session) {}

awaitable<result<void>> connection::open(std::optional<proxy> via, time_limit limit) {
  const deadline_of whole(deadline_, instant::max());
  const auto connected = co_await connect(via ? via->at : peer_, limit);
  if (!connected) co_return connected.error();
  if (via) {
    const auto tunnelled = co_await tunnel(*via, limit);
    if (!tunnelled) co_return tunnelled.error();
  }
  co_return co_await handshake(limit);
}

awaitable<result<void>> connection::connect(origin where, time_limit limit) {
  const auto endpoints = co_await lookup_.run(where, limit);
  if (!endpoints) co_return endpoints.error();
  deadline_ = limit.at; // a lookup has its own

  const auto [error, endpoint] = co_await asio::async_connect(stream_.socket(), *endpoints, as_result);
  if (expired_) co_return limit.failed("no connection to " + to_string(where) + " came about");
  if (error)
    co_return failure{errc::connect_failed,
                      "cannot connect to " + to_string(where) + ": " + error.message() +
                          (error == asio::error::no_descriptors ? ". Raise the limit on open files (ulimit -n)"
                                                                : ". The host, the network or a firewall refuses")};
  beast::error_code harmless; // without TCP_NODELAY it is only slower
  stream_.socket().set_option(asio::ip::tcp::no_delay(true), harmless);
  co_return result<void>();
}

awaitable<result<void>> connection::tunnel(proxy via, time_limit limit) {
  const auto proxy_name = "the proxy " + to_string(via.at);
  auto& tcp = stream_.socket();

  http::request<http::empty_body> ask(http::verb::connect, name_, 11);
  ask.set(http::field::host, name_);
  if (!via.authorization.empty()) ask.set(http::field::proxy_authorization, via.authorization);
  auto [error, ignored] = co_await http::async_write(tcp, ask, as_result);

  beast::flat_buffer buffer;
  http::response_parser<http::empty_body> parser;
  parser.header_limit(most_proxy_header);
  if (!error) std::tie(error, ignored) = co_await http::async_read_header(tcp, buffer, parser, as_result);
  if (expired_) co_return limit.failed(proxy_name + " opened no tunnel to " + name_);
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

awaitable<result<void>> connection::handshake(time_limit limit) {
  if (!expect_host(stream_.native_handle(), peer_.host))
    co_return failure{errc::tls_failed, "OpenSSL cannot verify a certificate for the host " + peer_.host};
  if (session_.last) SSL_set_session(stream_.native_handle(), session_.last.get()); // refused, it does no harm
  if (const auto error = co_await stream_.handshake()) co_return handshake_failure(error, limit);
  co_return result<void>();
}

failure connection::handshake_failure(const boost::system::error_code& error, time_limit limit) {
  if (expired_) return limit.failed(name_ + " did not finish the TLS handshake");
  const auto verdict = SSL_get_verify_result(stream_.native_handle());
  if (verdict != X509_V_OK)
    return {errc::untrusted, "the certificate of " + name_ + " does not verify: " +
                                 X509_verify_cert_error_string(verdict) + ". " + advice_for(verdict)};
  return {errc::tls_failed,
          "the TLS handshake with " + name_ + " failed: " + error.message() + ". Check that the port speaks HTTPS"};
}

bool connection::stale() {
  if (closed_) return true;
  if (stream_.is_quiet()) return false;
  // Through TLS and not by looking at the socket: session tickets arrive after the handshake (RFC 8446, section
  // 4.6.1), make the socket readable, and mean nothing here.
  char unasked = 0;
  beast::error_code error;
  stream_.try_read({&unasked, 1}, error);
  return error != asio::error::would_block;
}

awaitable<result<reply>> connection::exchange(reply_limits limits, time_limit limit) {
  const deadline_of whole(deadline_, limit.at);
  reusable_ = false;
  last_ = {request_text_.size(), 0};
  std::string_view rest = request_text_;
  while (!rest.empty()) {
    beast::error_code error;
    rest.remove_prefix(stream_.try_write(rest, error));
    if (error == asio::error::would_block) std::tie(error) = co_await stream_.ready();
    if (error) co_return broken(error, limit);
  }
  // An answer takes its time: to read at once would be a call in vain.
  if (!stream_.holds_input())
    if (const auto [error] = co_await stream_.arrival(); error) co_return broken(error, limit);
  for (int interim = 0; interim <= most_interim_answers; ++interim) {
    answer_parser parser;
    parser.header_limit(limits.header);
    parser.body_limit(limits.body);
    // Bounded: the parser's own limits leave out the extensions of chunks and the trailer.
    const auto most = limits.header + most_buffered_body;
    std::size_t taken = 0;
    auto error = read_arrived(parser, most, taken);
    while (error == asio::error::would_block) {
      std::tie(error) = co_await stream_.ready();
      if (!error) error = read_arrived(parser, most, taken);
    }
    if (error) co_return broken(error, limit);

    auto& answer = parser.found;
    if (answer.status == 101) break; // Switching Protocols: nobody asked
    if (answer.status / 100 == 1) continue;
    if (parser.has_unasked_framing()) co_return failure{errc::broken_exchange, name_ + unasked_framing};

    keep_session();
    // Bytes behind the answer belong to nothing that was asked.
    reusable_ = parser.keep_alive() && !parser.need_eof() && buffer_.size() == 0 && !closed_;
    keep_alive_ = promised_keep_alive(answer.fields.find("Keep-Alive").value_or(""));
    co_return std::move(answer);
  }
  co_return failure{errc::broken_exchange, name_ + " sent interim answers and no final one"};
}

/// Servers tell by their tickets, which come behind the handshake, how the next connection may be set up (RFC 8446,
/// section 4.6.1).
void connection::keep_session() {
  if (std::exchange(session_kept_, true)) return;
  auto* const mine = SSL_get1_session(stream_.native_handle());
  if (mine != nullptr && SSL_SESSION_is_resumable(mine) == 1)
    session_.last.reset(mine);
  else
    SSL_SESSION_free(mine);
}

/// Reads what has arrived of one message, holding no more than `most` bytes of it that are not parsed: would_block
/// where the rest has to be waited for. `taken` counts the bytes of the message.
boost::system::error_code connection::read_arrived(answer_parser& parser, std::size_t most, std::size_t& taken) {
  beast::error_code error;
  for (;;) {
    if (buffer_.size() != 0) {
      const auto parsed = parser.put(buffer_.data(), error);
      buffer_.consume(parsed);
      last_.received += parsed;
      taken += parsed;
      if (parser.is_done() || (error && error != http::error::need_more)) return error;
    }
    // A peer that is quicker than we are keeps everything else waiting: chunks of a byte with long extensions make a
    // small body endless.
    if (buffer_.size() >= most || taken > most_taken) return http::error::buffer_overflow;
    const auto room = buffer_.prepare(std::min(most - buffer_.size(), std::max(read_at_once, buffer_.capacity() / 2)));
    const auto got = stream_.try_read({static_cast<char*>(room.data()), room.size()}, error);
    buffer_.commit(got);
    if (error == asio::error::eof && parser.got_some()) {
      error = {};
      parser.put_eof(error);
      return error;
    }
    if (error) return error == asio::error::eof ? beast::error_code(http::error::end_of_stream) : error;
  }
}

failure connection::broken(const boost::system::error_code& error, time_limit limit) const {
  if (expired_) return limit.failed(name_ + " sent no whole answer");
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
  stream_.close();
}

void connection::expire() {
  expired_ = true;
  close();
}

} // namespace mcbatch::net
