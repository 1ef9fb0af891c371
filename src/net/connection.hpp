#ifndef MCBATCH_NET_CONNECTION_HPP
#define MCBATCH_NET_CONNECTION_HPP

#include "lookup.hpp"
#include "time_limit.hpp"
#include "tls_stream.hpp"

#include <mcbatch/loop/event_loop.hpp>
#include <mcbatch/net/exchange.hpp>
#include <mcbatch/net/origin.hpp>
#include <mcbatch/net/proxy.hpp>
#include <mcbatch/net/traffic.hpp>

#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace mcbatch::net {

/// How large an answer may be, in bytes.
struct reply_limits {
  std::uint32_t header;
  std::uint64_t body;
};

class answer_parser;

/// What the last connection to an origin leaves to the next, so that their keys need not be agreed upon anew. Early
/// data, which can be replayed, is never sent.
struct tls_session {
  struct freed {
    void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
  };
  std::unique_ptr<SSL_SESSION, freed> last{};
};

/// One TLS connection to an origin, straight or through a proxy.
class connection {
public:
  connection(const io_executor& executor, boost::asio::ssl::context& tls, tls_session& session, origin peer);

  /// Looks up, connects, asks the proxy for a tunnel, and does the handshake.
  awaitable<result<void>> open(std::optional<proxy> via, time_limit limit);

  /// Whether the peer has closed it, or has sent what nobody asked for. Does not wait.
  bool stale();

  /// Where the next request is to be written, as it is sent. Its memory is kept.
  std::string& request_text() { return request_text_; }

  /// Sends `request_text` and reads its answer. From the call on, bytes may have left.
  awaitable<result<reply>> exchange(reply_limits limits, time_limit limit);

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

  /// Until when what is under way may take; nothing is under way beyond `instant::max()`.
  [[nodiscard]] instant deadline() const { return deadline_; }
  /// The deadline is past: closes the socket, and what runs on it fails for that.
  void expire();

private:
  awaitable<result<void>> connect(origin where, time_limit limit);
  awaitable<result<void>> tunnel(proxy via, time_limit limit);
  awaitable<result<void>> handshake(time_limit limit);
  boost::system::error_code read_arrived(answer_parser& parser, std::size_t most, std::size_t& taken);

  void keep_session();
  [[nodiscard]] failure handshake_failure(const boost::system::error_code& error, time_limit limit);
  [[nodiscard]] failure broken(const boost::system::error_code& error, time_limit limit) const;

  origin peer_;
  std::string name_; // "host:port", for sentences
  lookup lookup_;
  tls_stream stream_;
  tls_session& session_;
  std::string request_text_;
  boost::beast::flat_buffer buffer_; // what was read and is not parsed yet
  instant deadline_ = instant::max();
  std::optional<duration> keep_alive_;
  bool session_kept_ = false;
  traffic last_;
  bool reusable_ = true;
  bool expired_ = false;
  bool closed_ = false;
};

} // namespace mcbatch::net

#endif
