#include "sandbox/webhook_connection.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <fmt/format.h>
#include <openssl/ssl.h>

#include <utility>

namespace mcbatch::sandbox {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

namespace {

constexpr auto as_result = asio::as_tuple(use_awaitable);
constexpr std::size_t max_answer = 64 * 1024; // bytes of a body that nobody reads

std::string message_of(const webhook_url& to, const std::string& target, const webhook_event& event) {
  return fmt::format("POST {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: mcbatch-sandbox\r\nContent-Type: application/json\r\n"
                     "X-MediaConvert-Signature: {}\r\nContent-Length: {}\r\n\r\n{}",
                     target, to.authority, event.signature, event.body.size(), event.body);
}

/// Server Name Indication is for names only (RFC 6066, section 3).
void indicate(SSL* tls, std::string& host) {
  boost::system::error_code no_address;
  asio::ip::make_address(host, no_address);
  if (no_address) SSL_ctrl(tls, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, host.data());
}

} // namespace

webhook_connection::webhook_connection(const io_executor& executor, asio::ssl::context& tls, webhook_url to)
    : to_(std::move(to)), lookup_(executor), stream_(executor, tls) {}

awaitable<std::optional<std::string>> webhook_connection::open(instant deadline) {
  const auto at = fmt::format("{} port {}", to_.host, to_.port);
  const auto found = co_await lookup_.run(to_.host, to_.port, deadline);
  if (closed_ || found.empty()) co_return "no address of " + to_.host + " was found";
  tcp().expires_at(deadline);
  const auto [refused, where] = co_await tcp().async_connect(found, as_result);
  if (refused) co_return fmt::format("{} could not be connected to: {}", at, refused.message());
  beast::error_code ignored; // it has ended already: what is written will say so
  tcp().socket().set_option(asio::ip::tcp::no_delay(true), ignored);
  if (!to_.tls) co_return std::nullopt;
  indicate(stream_.native_handle(), to_.host);
  const auto [bad] = co_await stream_.async_handshake(asio::ssl::stream_base::client, as_result);
  if (bad) co_return fmt::format("TLS with {} failed: {}", at, bad.message());
  co_return std::nullopt;
}

awaitable<webhook_answer> webhook_connection::post(std::string target, const webhook_event& event, instant deadline) {
  const auto message = message_of(to_, target, event);
  kept_ = false;
  tcp().expires_at(deadline);
  if (to_.tls) co_return co_await exchange(stream_, message);
  co_return co_await exchange(tcp(), message);
}

template <class Stream>
awaitable<webhook_answer> webhook_connection::exchange(Stream& stream, const std::string& message) {
  http::response_parser<http::string_body> parser;
  parser.body_limit(max_answer);
  const auto [unsent, written] = co_await asio::async_write(stream, asio::buffer(message), as_result);
  auto ec = unsent;
  if (!ec) {
    const auto [unread, size] = co_await http::async_read(stream, buffer_, parser, as_result);
    ec = unread;
  }
  stale_ = ec && ec != beast::error::timeout && !parser.got_some();
  if (ec) co_return webhook_answer{0, fmt::format("{} port {} gave no answer: {}", to_.host, to_.port, ec.message())};
  kept_ = parser.keep_alive() && buffer_.size() == 0;
  tcp().expires_never();
  co_return webhook_answer{static_cast<int>(parser.get().result_int()), {}};
}

void webhook_connection::close() {
  closed_ = true;
  lookup_.abandon();
  tcp().close();
}

} // namespace mcbatch::sandbox
