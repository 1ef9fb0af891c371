#include "sandbox/session.hpp"

#include "sandbox/transmission.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include <array>
#include <chrono>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace mcbatch::sandbox {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

namespace {

constexpr auto as_result = asio::as_tuple(use_awaitable);
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

/// Holds back what is written until the socket closes, so that the client gets it and the end together.
void hold_back(tcp_socket& socket) {
  const int on = 1;
  ::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_CORK, &on,
               sizeof on); // failing, it is no fault of the client's
}

} // namespace

session::session(tcp_socket socket, asio::ssl::context& tls, answerer& answers, session_bounds bounds)
    : stream_(std::move(socket), tls), delay_(stream_.get_executor()), answers_(answers), bounds_(bounds) {}

awaitable<void> session::run(std::optional<connection_fault> f) {
  if (f == connection_fault::reset_before) co_return reset();
  if (f == connection_fault::black_hole) {
    co_await until_the_client_leaves(tcp());
    co_return close();
  }
  tcp().expires_after(bounds_.idle);
  const auto [ec] = co_await stream_.async_handshake(asio::ssl::stream_base::server, as_result);
  if (ec) co_return; // the client did not like us, or is none: its side says why
  if (f == connection_fault::reset_in) {
    std::array<char, 16> beginning;
    co_await stream_.async_read_some(asio::buffer(beginning), as_result);
    co_return reset();
  }
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
awaitable<bool> session::serve_one() {
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
awaitable<bool> session::deliver(handled h, bool keep_alive) {
  if (h.delay > duration::zero()) co_await wait(h.delay);
  if (closed_) co_return false;
  transmission t = transmission_of(h, keep_alive);
  if (t.then == ending::notify || t.then == ending::cut) hold_back(tcp().socket());
  const bool written = co_await send(t);
  if (!written || closed_) co_return false;
  switch (t.then) {
  case ending::keep:
    co_return true;
  case ending::part:
    co_await part();
    break;
  case ending::notify:
    notify();
    break;
  case ending::cut:
    break;
  case ending::reset:
    reset();
    break;
  case ending::hang:
    co_await until_the_client_leaves(stream_);
    break;
  }
  co_return false;
}

/// False where the client has gone.
awaitable<bool> session::send(const transmission& t) {
  if (t.pace == duration::zero()) {
    if (!co_await write(t.bytes)) co_return false;
  } else {
    for (const char byte : t.bytes) {
      if (!co_await write({&byte, 1})) co_return false;
      co_await wait(t.pace);
    }
  }
  while (!t.endless.empty())
    if (!co_await write(t.endless)) co_return false;
  co_return !closed_;
}

/// What `bytes` refers to has to stand until then.
awaitable<bool> session::write(std::string_view bytes) {
  if (bytes.empty()) co_return !closed_;
  tcp().expires_after(bounds_.idle);
  const auto [ec, size] = co_await asio::async_write(stream_, asio::buffer(bytes), as_result);
  co_return !ec && !closed_;
}

awaitable<void> session::wait(duration d) {
  delay_.expires_after(d);
  co_await delay_.async_wait(as_result);
}

template <class Stream>
awaitable<void> session::until_the_client_leaves(Stream& from) {
  tcp().expires_never();
  for (std::array<char, 4096> ignored;;) {
    const auto [ec, size] = co_await from.async_read_some(asio::buffer(ignored), as_result);
    if (ec) co_return;
  }
}

/// Sends close_notify, and does not wait for the client's.
void session::notify() {
  beast::error_code would_wait;
  tcp().socket().non_blocking(true, would_wait);
  stream_.shutdown(would_wait);
}

/// Ends the connection with an RST.
void session::reset() {
  beast::error_code gone; // then there is nothing to reset
  tcp().socket().set_option(asio::socket_base::linger(true, 0), gone);
  close();
}

/// Ends the connection after a whole answer. What the client is still sending is read and thrown away for a moment:
/// closing on unread bytes makes TCP reset the connection, and the answer could be lost with it.
awaitable<void> session::part() {
  tcp().expires_after(std::chrono::seconds(1));
  co_await stream_.async_shutdown(as_result);
  if (closed_ || !tcp().socket().is_open()) co_return;
  beast::error_code ignored; // a connection that has ended already
  tcp().socket().shutdown(tcp_socket::shutdown_send, ignored);
  for (std::array<char, 16384> bytes;;) {
    const auto [ec, size] = co_await tcp().async_read_some(asio::buffer(bytes), as_result);
    if (ec) co_return;
  }
}

} // namespace mcbatch::sandbox
