#include "sandbox/session.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>
#include <fmt/format.h>

#include <array>
#include <chrono>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

namespace mcbatch::sandbox {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr std::uint32_t max_header = 16 * 1024; // bytes

using incoming = http::request<http::string_body>;

/// The status that answers a message which cannot be read; nothing where there is no one to answer.
std::optional<int> status_for(beast::error_code ec) {
  if (ec == http::error::body_limit) return 413;
  if (ec == http::error::header_limit) return 431;
  const bool malformed = ec.category() == make_error_code(http::error::bad_method).category();
  if (malformed && ec != http::error::end_of_stream && ec != http::error::partial_message) return 400;
  return std::nullopt;
}

std::optional<verb> verb_of(const incoming& message) {
  if (message.method() == http::verb::get) return verb::get;
  if (message.method() == http::verb::post) return verb::post;
  return std::nullopt;
}

request to_request(incoming&& message, verb method) {
  request r{method, std::string(message.target()), {}, std::move(message.body())};
  for (const auto& field : message)
    r.fields.add(std::string_view(field.name_string().data(), field.name_string().size()),
                 std::string_view(field.value().data(), field.value().size()));
  return r;
}

/// The header section of `answer`, with the empty line that ends it.
std::string head_of(const reply& answer, bool keep_alive) {
  const auto reason = http::obsolete_reason(http::int_to_status(static_cast<unsigned>(answer.status)));
  std::string out = fmt::format("HTTP/1.1 {} {}\r\n", answer.status, std::string_view(reason.data(), reason.size()));
  for (const header& field : answer.fields)
    fmt::format_to(std::back_inserter(out), "{}: {}\r\n", field.name, field.value);
  fmt::format_to(std::back_inserter(out), "Content-Length: {}\r\nConnection: {}\r\n\r\n", answer.body.size(),
                 keep_alive ? "keep-alive" : "close");
  return out;
}

} // namespace

session::session(asio::ip::tcp::socket socket, asio::ssl::context& tls, answerer& answers, session_bounds bounds)
    : stream_(std::move(socket), tls), delay_(stream_.get_executor()), answers_(answers), bounds_(bounds) {}

asio::awaitable<void> session::run() {
  tcp().expires_after(bounds_.idle);
  const auto [ec] = co_await stream_.async_handshake(asio::ssl::stream_base::server, as_result);
  if (ec) co_return; // the client did not like us, or is none: its side says why
  while (co_await serve_one()) {
  }
  close();
}

void session::close() {
  closed_ = true;
  delay_.cancel();
  tcp().close();
}

/// Whether another request may follow.
asio::awaitable<bool> session::serve_one() {
  http::request_parser<http::string_body> parser;
  parser.header_limit(max_header);
  parser.body_limit(bounds_.max_body);
  tcp().expires_after(bounds_.idle);
  const auto [ec, size] = co_await http::async_read(stream_, buffer_, parser, as_result);
  if (closed_) co_return false;
  if (ec) {
    const auto status = status_for(ec);
    if (status) co_await deliver(answers_.on_unusable(*status), false);
    co_return false;
  }
  const auto method = verb_of(parser.get());
  if (!method) {
    handled refusal = answers_.on_unusable(405);
    if (parser.get().method() == http::verb::head) refusal.answer.body.clear();
    co_return co_await deliver(std::move(refusal), false);
  }
  const bool keep_alive = parser.get().keep_alive();
  co_return co_await deliver(answers_.on_request(to_request(parser.release(), *method)), keep_alive);
}

/// Gives the client as much of the answer as it is to get; says whether another request may follow.
asio::awaitable<bool> session::deliver(handled h, bool keep_alive) {
  if (h.delay > duration::zero()) co_await wait(h.delay);
  if (closed_) co_return false;
  switch (h.how) {
  case delivery::drop:
    co_return false;
  case delivery::hang:
    co_await wait_for_peer_to_leave();
    co_return false;
  case delivery::truncated: {
    // All of the head, so that a client which believes a status line before the answer's end is found out.
    std::string half = head_of(h.answer, keep_alive) + h.answer.body.substr(0, h.answer.body.size() / 2);
    co_await write(std::move(half));
    co_return false;
  }
  case delivery::whole:
    break;
  }
  const bool written = co_await write(head_of(h.answer, keep_alive) + h.answer.body);
  if (!written || keep_alive) co_return written;
  co_await part();
  co_return false;
}

asio::awaitable<bool> session::write(std::string bytes) {
  tcp().expires_after(bounds_.idle);
  const auto [ec, size] = co_await asio::async_write(stream_, asio::buffer(bytes), as_result);
  co_return !ec && !closed_;
}

asio::awaitable<void> session::wait(duration d) {
  delay_.expires_after(d);
  co_await delay_.async_wait(as_result);
}

asio::awaitable<void> session::wait_for_peer_to_leave() {
  tcp().expires_never();
  for (std::array<char, 4096> ignored;;) {
    const auto [ec, size] = co_await stream_.async_read_some(asio::buffer(ignored), as_result);
    if (ec) co_return;
  }
}

/// Ends the connection after a whole answer. What the client is still sending is read and thrown away for a moment:
/// closing on unread bytes makes TCP reset the connection, and the answer could be lost with it.
asio::awaitable<void> session::part() {
  tcp().expires_after(std::chrono::seconds(1));
  co_await stream_.async_shutdown(as_result);
  if (closed_ || !tcp().socket().is_open()) co_return;
  beast::error_code ignored; // a connection that has ended already
  tcp().socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  for (std::array<char, 16384> bytes;;) {
    const auto [ec, size] = co_await tcp().async_read_some(asio::buffer(bytes), as_result);
    if (ec) co_return;
  }
}

} // namespace mcbatch::sandbox
