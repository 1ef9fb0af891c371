#include "tunnel_proxy.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <array>

namespace mcbatch::net::test {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

constexpr auto as_result = asio::as_tuple(use_awaitable);

} // namespace

tunnel_proxy::tunnel_proxy(asio::io_context& io, std::string answer, std::string target_port)
    : io_(io), acceptor_(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)), answer_(std::move(answer)),
      target_port_(std::move(target_port)) {
  asio::co_spawn(io_, accept(), asio::detached);
}

awaitable<void> tunnel_proxy::accept() {
  for (;;) {
    auto [error, client] = co_await acceptor_.async_accept(as_result);
    if (error) co_return;
    sockets_.push_back(std::make_shared<tcp_socket>(std::move(client)));
    asio::co_spawn(io_, serve(sockets_.back()), asio::detached);
  }
}

awaitable<void> tunnel_proxy::serve(socket client) {
  std::string asked;
  co_await asio::async_read_until(*client, asio::dynamic_buffer(asked), "\r\n\r\n", as_result);
  asked_.push_back(asked);
  co_await asio::async_write(*client, asio::buffer(answer_), as_result);
  if (!answer_.starts_with("HTTP/1.1 200")) {
    client->close();
    co_return;
  }
  const auto target = std::make_shared<tcp_socket>(io_);
  sockets_.push_back(target);
  target->connect(tcp::endpoint(asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(std::stoi(target_port_))));
  asio::co_spawn(io_, relay(client, target), asio::detached);
  asio::co_spawn(io_, relay(target, client), asio::detached);
}

awaitable<void> tunnel_proxy::relay(socket from, socket to) {
  std::array<char, 4096> chunk{};
  for (;;) {
    const auto [gone, length] = co_await from->async_read_some(asio::buffer(chunk), as_result);
    if (gone) co_return;
    const auto [lost, written] = co_await asio::async_write(*to, asio::buffer(chunk.data(), length), as_result);
    if (lost) co_return;
  }
}

void tunnel_proxy::stop() {
  acceptor_.close();
  for (const auto& open : sockets_)
    open->close();
}

} // namespace mcbatch::net::test
