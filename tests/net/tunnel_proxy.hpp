#ifndef MCBATCH_TESTS_NET_TUNNEL_PROXY_HPP
#define MCBATCH_TESTS_NET_TUNNEL_PROXY_HPP

#include <mcbatch/loop/event_loop.hpp>

#include <boost/asio/io_context.hpp>

#include <memory>
#include <string>
#include <vector>

namespace mcbatch::net::test {

/// An HTTP proxy on 127.0.0.1 that gives one answer to every CONNECT, and where that is a 200 relays to `target`.
class tunnel_proxy {
public:
  tunnel_proxy(boost::asio::io_context& io, std::string answer, std::string target_port);

  [[nodiscard]] std::string port() const { return std::to_string(acceptor_.local_endpoint().port()); }
  [[nodiscard]] const std::vector<std::string>& asked() const { return asked_; }
  void stop();

private:
  using socket = std::shared_ptr<tcp_socket>;

  awaitable<void> accept();
  awaitable<void> serve(socket client);
  static awaitable<void> relay(socket from, socket to);

  boost::asio::io_context& io_;
  tcp_acceptor acceptor_;
  std::string answer_;
  std::string target_port_;
  std::vector<std::string> asked_;
  std::vector<socket> sockets_;
};

} // namespace mcbatch::net::test

#endif
