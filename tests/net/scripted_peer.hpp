#ifndef MCBATCH_TESTS_NET_SCRIPTED_PEER_HPP
#define MCBATCH_TESTS_NET_SCRIPTED_PEER_HPP

#include "certificates.hpp"

#include <mcbatch/loop/event_loop.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace mcbatch::net::test {

/// What the peer does about a request: the bytes that it sends, and what becomes of the connection.
struct answer {
  enum class end {
    keep,  ///< waits for another request
    close, ///< ends TLS and closes
    cut,   ///< closes without ending TLS
    hang,  ///< does nothing more
  };
  std::string bytes;
  end then = end::keep;
};

/// A TLS server on 127.0.0.1 that answers as it is told. It runs on the client's io_context, so that a test decides in
/// which order things happen.
class scripted_peer {
public:
  using request = boost::beast::http::request<boost::beast::http::string_body>;
  struct seen {
    int connection; ///< counted from 1, in the order of their handshakes
    request message;
  };
  using script = std::function<answer(const seen&)>;

  scripted_peer(boost::asio::io_context& io, const identity& id, script behaviour);

  [[nodiscard]] std::string port() const { return std::to_string(acceptor_.local_endpoint().port()); }
  [[nodiscard]] int connections() const { return connections_; }
  /// How many of them went on with the session of an earlier one.
  [[nodiscard]] int resumed() const { return resumed_; }
  [[nodiscard]] const std::vector<seen>& requests() const { return requests_; }

  /// Closes what is connected; more may connect.
  void drop_connections();
  void stop();

private:
  using stream = boost::asio::ssl::stream<tcp_socket>;

  awaitable<void> accept();
  awaitable<void> serve(std::shared_ptr<stream> line);

  boost::asio::io_context& io_;
  boost::asio::ssl::context tls_;
  tcp_acceptor acceptor_;
  script script_;
  int connections_ = 0, resumed_ = 0;
  std::vector<seen> requests_;
  std::vector<std::shared_ptr<stream>> lines_;
};

} // namespace mcbatch::net::test

#endif
