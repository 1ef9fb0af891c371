#ifndef MCBATCH_NET_CONNECTION_HPP
#define MCBATCH_NET_CONNECTION_HPP

#include "lookup.hpp"
#include "time_limit.hpp"

#include <mcbatch/net/exchange.hpp>
#include <mcbatch/net/origin.hpp>
#include <mcbatch/net/proxy.hpp>
#include <mcbatch/net/traffic.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace mcbatch::net {

/// How large an answer may be, in bytes.
struct reply_limits {
  std::uint32_t header;
  std::uint64_t body;
};

/// One TLS connection to an origin, straight or through a proxy.
class connection {
public:
  using message = boost::beast::http::request<boost::beast::http::string_body>;

  connection(const boost::asio::any_io_executor& executor, boost::asio::ssl::context& tls, origin peer);

  /// Looks up, connects, asks the proxy for a tunnel, and does the handshake.
  boost::asio::awaitable<result<void>> open(std::optional<proxy> via, time_limit limit);

  /// Whether the peer has closed it, or has sent what nobody asked for. Does not wait.
  bool stale();

  /// Writes `what` and reads its answer. From the call on, bytes may have left.
  boost::asio::awaitable<result<reply>> exchange(message what, reply_limits limits, time_limit limit);

  /// What the last exchange carried.
  [[nodiscard]] const traffic& last() const { return last_; }

  /// Whether, after an exchange, another may follow.
  [[nodiscard]] bool reusable() const { return reusable_; }

  /// How long the peer said that it keeps the connection when idle, less a second for its answer's way to us; none
  /// where it did not say.
  [[nodiscard]] std::optional<duration> keep_alive() const { return keep_alive_; }

  /// Closes the socket without a word: what runs on it fails. A whole message ends by its own framing, so TLS's
  /// closing alert would tell the peer nothing, and waiting for the peer's could last for ever.
  void close();

private:
  boost::asio::awaitable<result<void>> connect(origin where, time_limit limit);
  boost::asio::awaitable<result<void>> tunnel(proxy via, time_limit limit);
  boost::asio::awaitable<result<void>> handshake(time_limit limit);
  boost::asio::awaitable<result<reply>> read_reply(reply_limits limits, time_limit limit);

  [[nodiscard]] failure handshake_failure(const boost::system::error_code& error, time_limit limit);
  [[nodiscard]] failure broken(const boost::system::error_code& error, time_limit limit) const;

  origin peer_;
  std::string name_; // "host:port", for sentences
  lookup lookup_;
  boost::beast::ssl_stream<boost::beast::tcp_stream> stream_;
  std::optional<duration> keep_alive_;
  traffic last_;
  bool reusable_ = true;
  bool closed_ = false;
};

} // namespace mcbatch::net

#endif
