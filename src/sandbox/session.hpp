#ifndef MCBATCH_SANDBOX_SESSION_HPP
#define MCBATCH_SANDBOX_SESSION_HPP

#include <mcbatch/core/http.hpp>
#include <mcbatch/core/time.hpp>
#include <mcbatch/loop/tcp_stream.hpp>
#include <mcbatch/sandbox/service.hpp>

#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

#include <cstddef>
#include <optional>
#include <string_view>

namespace mcbatch::sandbox {

struct transmission;

/// Where a session gets its answers.
class answerer {
public:
  virtual ~answerer() = default;

  /// The answer to a request, its job already journaled.
  virtual handled on_request(const request& r) = 0;

  /// The answer to what is no request of the API's, by the status that says why.
  virtual handled on_unusable(int status) = 0;
};

struct session_bounds {
  std::size_t max_body; // bytes
  duration idle;
};

/// One connection: the TLS handshake, then one request after the other. On the network thread.
class session {
public:
  session(tcp_socket socket, boost::asio::ssl::context& tls, answerer& answers, session_bounds bounds);

  /// Serves until either side closes; with a fault, as far as it lets. The session outlives it.
  awaitable<void> run(std::optional<connection_fault> f);

  /// Closes the connection at once, so that `run` ends.
  void close();

private:
  awaitable<bool> serve_one();
  awaitable<bool> deliver(handled h, bool keep_alive);
  awaitable<bool> send(const transmission& t);
  awaitable<bool> write(std::string_view bytes);
  awaitable<void> wait(duration d);
  template <class Stream>
  awaitable<void> until_the_client_leaves(Stream& from);
  awaitable<void> part();
  void notify();
  void reset();
  tcp_stream& tcp() { return stream_.next_layer(); }

  boost::beast::ssl_stream<tcp_stream> stream_;
  boost::beast::flat_buffer buffer_;
  steady_timer delay_;
  answerer& answers_;
  session_bounds bounds_;
  bool closed_ = false;
};

} // namespace mcbatch::sandbox

#endif
