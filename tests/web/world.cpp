#include "web/world.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>

#include <array>
#include <chrono>
#include <exception>
#include <stdexcept>
#include <utility>

namespace mcbatch::web::test {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

constexpr auto as_result = asio::as_tuple(use_awaitable);
constexpr auto patience = std::chrono::seconds(10);

} // namespace

awaitable<bool> connection::open(unsigned short port, std::optional<std::string> ca_pem) {
  lowest().expires_after(patience);
  const auto [failed] =
      co_await lowest().async_connect(tcp::endpoint(asio::ip::address_v4::loopback(), port), as_result);
  if (failed || !ca_pem) co_return !failed;
  is_tls_ = true;
  tls_.add_certificate_authority(asio::buffer(*ca_pem));
  stream_.set_verify_mode(asio::ssl::verify_peer);
  const auto [untrusted] = co_await stream_.async_handshake(asio::ssl::stream_base::client, as_result);
  co_return !untrusted;
}

awaitable<bool> connection::send(std::string bytes) {
  lowest().expires_after(patience);
  boost::system::error_code failed;
  if (is_tls_)
    std::tie(failed, std::ignore) = co_await asio::async_write(stream_, asio::buffer(bytes), as_result);
  else
    std::tie(failed, std::ignore) = co_await asio::async_write(lowest(), asio::buffer(bytes), as_result);
  co_return !failed;
}

awaitable<std::optional<connection::response>> connection::receive(bool head) {
  http::response_parser<http::string_body> parser;
  parser.skip(head);
  lowest().expires_after(patience);
  boost::system::error_code failed;
  if (is_tls_)
    std::tie(failed, std::ignore) = co_await http::async_read(stream_, buffer_, parser, as_result);
  else
    std::tie(failed, std::ignore) = co_await http::async_read(lowest(), buffer_, parser, as_result);
  if (failed) co_return std::nullopt;
  co_return parser.release();
}

awaitable<int> connection::ask(std::string bytes) {
  // Who refuses what is too long may not read it to its end: its answer is there all the same.
  co_await send(std::move(bytes));
  const auto answer = co_await receive();
  co_return answer ? answer->result_int() : 0;
}

awaitable<std::string> connection::read_to(std::string end) {
  std::size_t at = 0;
  while ((at = text_.find(end)) == std::string::npos) {
    std::array<char, 65536> some{};
    lowest().expires_after(patience);
    const auto [failed, size] = co_await lowest().async_read_some(asio::buffer(some), as_result);
    if (failed) co_return std::exchange(text_, {});
    text_.append(some.data(), size);
  }
  auto found = text_.substr(0, at + end.size());
  text_.erase(0, at + end.size());
  co_return found;
}

awaitable<bool> connection::ended() {
  std::array<char, 1> one{};
  lowest().expires_after(patience);
  boost::system::error_code failed;
  if (is_tls_)
    std::tie(failed, std::ignore) = co_await stream_.async_read_some(asio::buffer(one), as_result);
  else
    std::tie(failed, std::ignore) = co_await lowest().async_read_some(asio::buffer(one), as_result);
  co_return failed&& failed != boost::beast::error::timeout;
}

std::string get(const std::string& target, const std::string& more_fields) {
  return "GET " + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" + more_fields + "\r\n";
}

std::string post(const std::string& body, const std::string& target) {
  return "POST " + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

std::unique_ptr<server> world::listen(handler answers, server_settings settings) {
  return server::listen(io.get_executor(), std::move(settings), std::move(answers),
                        [this](const std::string& sentence) { problems.push_back(sentence); })
      .value();
}

handler world::echo() {
  return [this](request r) -> awaitable<answer> {
    reply whole;
    whole.status = 200;
    whole.body = r.body.empty() ? r.target : r.body;
    requests.push_back(std::move(r));
    co_return answer{std::move(whole)};
  };
}

void world::run(awaitable<void> test) {
  bool over = false;
  std::exception_ptr error;
  const auto on_end = [&](std::exception_ptr thrown) {
    error = std::move(thrown);
    over = true;
  };
  asio::co_spawn(io, std::move(test), on_end);
  io.restart();
  while (!over)
    io.run_one();
  io.restart();
  io.poll();
  if (error) std::rethrow_exception(error);
}

bool world::ran_dry() {
  io.restart();
  io.run_for(patience);
  return io.stopped();
}

} // namespace mcbatch::web::test
