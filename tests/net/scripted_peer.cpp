#include "scripted_peer.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>

#include <openssl/ssl.h>

namespace mcbatch::net::test {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;

constexpr auto as_result = asio::as_tuple(use_awaitable);

/// Sends close_notify, and does not wait for the other side's.
void end_tls(asio::ssl::stream<tcp_socket>& line) {
  boost::system::error_code would_wait;
  line.next_layer().non_blocking(true);
  line.shutdown(would_wait);
}

} // namespace

scripted_peer::scripted_peer(asio::io_context& io, const identity& id, script behaviour)
    : io_(io), tls_(asio::ssl::context::tls_server), acceptor_(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
      script_(std::move(behaviour)) {
  SSL_CTX_use_certificate(tls_.native_handle(), id.certificate.get());
  SSL_CTX_use_PrivateKey(tls_.native_handle(), id.key.get());
  asio::co_spawn(io_, accept(), asio::detached);
}

awaitable<void> scripted_peer::accept() {
  for (;;) {
    auto [error, socket] = co_await acceptor_.async_accept(as_result);
    if (error) co_return;
    auto line = std::make_shared<stream>(std::move(socket), tls_);
    lines_.push_back(line);
    asio::co_spawn(io_, serve(line), asio::detached);
  }
}

awaitable<void> scripted_peer::serve(std::shared_ptr<stream> line) {
  const auto [refused] = co_await line->async_handshake(asio::ssl::stream_base::server, as_result);
  if (refused) co_return;
  const int connection = ++connections_;
  if (SSL_session_reused(line->native_handle()) == 1) ++resumed_;
  boost::beast::flat_buffer buffer;
  for (;;) {
    request message;
    const auto [gone, length] = co_await http::async_read(*line, buffer, message, as_result);
    if (gone) co_return;
    requests_.push_back({connection, message});
    const auto reaction = script_(requests_.back());
    co_await asio::async_write(*line, asio::buffer(reaction.bytes), as_result);
    if (reaction.then == answer::end::hang) co_return; // the socket stays open in lines_
    if (reaction.then == answer::end::keep) continue;
    if (reaction.then == answer::end::close) end_tls(*line);
    line->lowest_layer().close();
    co_return;
  }
}

void scripted_peer::drop_connections() {
  for (const auto& line : lines_)
    line->lowest_layer().close();
  lines_.clear();
}

void scripted_peer::stop() {
  acceptor_.close();
  drop_connections();
}

} // namespace mcbatch::net::test
