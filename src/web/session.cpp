#include "web/session.hpp"

#include <mcbatch/loop/tcp_stream.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

#include <array>
#include <chrono>
#include <exception>
#include <utility>

namespace mcbatch::web {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

constexpr auto as_result = asio::as_tuple(use_awaitable);
constexpr std::uint32_t max_header = 16 * 1024;            // bytes
constexpr std::size_t most_surplus = std::size_t{1} << 20; // bytes that are read of a request that was refused
constexpr duration most_surplus_time = std::chrono::seconds(1);

using incoming = http::request<http::string_body>;
using outgoing = http::response<http::string_body>;

instant now() {
  return std::chrono::steady_clock::now();
}

std::string_view view_of(beast::string_view text) {
  return {text.data(), text.size()};
}

/// The status that answers a message which cannot be read; nothing where there is no one to answer.
std::optional<int> status_for(beast::error_code ec) {
  if (ec == http::error::body_limit) return 413;
  if (ec == http::error::header_limit) return 431;
  const bool malformed = ec.category() == make_error_code(http::error::bad_method).category();
  if (malformed && ec != http::error::end_of_stream && ec != http::error::partial_message) return 400;
  return std::nullopt;
}

reply refusal(int status) {
  reply r;
  r.status = status;
  if (status == 405) r.fields.add("Allow", "GET, HEAD, POST");
  if (status == 503) r.fields.add("Retry-After", "1");
  return r;
}

request to_request(incoming&& message) {
  request r{
      message.method() == http::verb::post ? verb::post : verb::get, std::string(view_of(message.target())), {}, {}};
  for (const auto& field : message)
    r.fields.add(view_of(field.name_string()), view_of(field.value()));
  r.body = std::move(message.body());
  return r;
}

outgoing to_message(reply&& from, bool keep_alive, bool head) {
  outgoing message(static_cast<http::status>(from.status), 11);
  for (const auto field : from.fields)
    message.insert(beast::string_view(field.name.data(), field.name.size()),
                   beast::string_view(field.value.data(), field.value.size()));
  message.keep_alive(keep_alive);
  message.content_length(from.body.size());
  if (!head) message.body() = std::move(from.body);
  return message;
}

awaitable<bool> shake_hands(tcp_stream&) {
  co_return true;
}

awaitable<bool> shake_hands(beast::ssl_stream<tcp_stream>& stream) {
  const auto [failed] = co_await stream.async_handshake(asio::ssl::stream_base::server, as_result);
  co_return !failed; // who does not like us knows why
}

template <class Stream>
class session_over : public session {
public:
  template <class... More>
  session_over(session_parts& parts, More&&... more) : parts_(parts), stream_(std::forward<More>(more)...) {}

  awaitable<void> run() override {
    idle_since_ = now();
    lowest().expires_after(parts_.patience);
    bool goes_on = co_await shake_hands(stream_);
    while (goes_on)
      goes_on = co_await serve_one();
    close();
  }

  void close() override {
    closed_ = true;
    idle_since_.reset();
    lowest().close();
  }

private:
  tcp_stream& lowest() { return beast::get_lowest_layer(stream_); }

  /// Whether another request may follow.
  awaitable<bool> serve_one() {
    http::request_parser<http::string_body> parser;
    parser.header_limit(max_header);
    parser.body_limit(parts_.max_body);
    idle_since_ = now();
    lowest().expires_after(parts_.patience);
    const auto [ec, size] = co_await http::async_read(stream_, buffer_, parser, as_result);
    if (closed_) co_return false;
    idle_since_.reset();
    if (ec) {
      const auto status = status_for(ec);
      if (status) co_await send(refusal(*status), false, false);
      if (status && !closed_) co_await let_the_answer_be_read();
      co_return false;
    }
    const auto method = parser.get().method();
    const bool head = method == http::verb::head;
    if (!parts_.requests.admit(now())) co_return co_await send(refusal(503), false, head);
    if (method != http::verb::get && method != http::verb::post && !head)
      co_return co_await send(refusal(405), false, false);
    const bool keep_alive = parser.get().keep_alive();
    lowest().expires_never(); // the answer's time is the handler's
    auto a = co_await answer_to(to_request(parser.release()));
    if (closed_) co_return false;
    if (a.then && !head) co_return co_await push(std::move(a));
    co_return co_await send(std::move(a.whole), keep_alive, head);
  }

  awaitable<answer> answer_to(request r) {
    try {
      co_return co_await parts_.answers(std::move(r));
    } catch (const std::exception& e) {
      parts_.problem(std::string("A request to the listener here could not be answered, because of a bug: ") +
                     e.what());
    }
    co_return answer{refusal(500)};
  }

  awaitable<bool> send(reply r, bool keep_alive, bool head) {
    const auto message = to_message(std::move(r), keep_alive, head);
    lowest().expires_after(parts_.patience);
    const auto [ec, size] = co_await http::async_write(stream_, message, as_result);
    co_return !ec && keep_alive && !closed_;
  }

  /// A connection that is closed while something that was sent on it is unread is reset, and the answer with it may be
  /// lost (RFC 9112, section 9.6).
  awaitable<void> let_the_answer_be_read() {
    boost::system::error_code ec;
    lowest().socket().shutdown(tcp_socket::shutdown_send, ec);
    lowest().expires_after(most_surplus_time);
    idle_since_ = now();
    std::array<char, 16 * 1024> nowhere;
    for (std::size_t surplus = 0; !ec && surplus < most_surplus;) {
      const auto [failed, size] = co_await lowest().async_read_some(asio::buffer(nowhere), as_result);
      ec = failed;
      surplus += size;
    }
  }

  awaitable<bool> push(answer a) {
    feed::follower follower(std::move(a.then));
    idle_since_ = now();
    std::string head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n";
    for (const auto field : a.whole.fields)
      head.append(field.name).append(": ").append(field.value).append("\r\n");
    head += "\r\nretry: 2000\n\n";
    bool taken = co_await write(head);
    while (taken) {
      const auto text = co_await follower.next();
      if (!text || closed_) break;
      taken = co_await write("data: " + *text + "\n\n");
    }
    co_return false;
  }

  awaitable<bool> write(const std::string& text) {
    lowest().expires_after(parts_.patience);
    const auto [ec, size] = co_await asio::async_write(stream_, asio::buffer(text), as_result);
    lowest().expires_never();
    co_return !ec && !closed_;
  }

  session_parts& parts_;
  Stream stream_;
  beast::flat_buffer buffer_;
  bool closed_ = false;
};

} // namespace

std::shared_ptr<session> make_session(tcp_socket socket, session_parts& parts) {
  return std::make_shared<session_over<tcp_stream>>(parts, std::move(socket));
}

std::shared_ptr<session> make_session(tcp_socket socket, asio::ssl::context& tls, session_parts& parts) {
  return std::make_shared<session_over<beast::ssl_stream<tcp_stream>>>(parts, std::move(socket), tls);
}

} // namespace mcbatch::web
