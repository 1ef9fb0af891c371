#ifndef MCBATCH_SANDBOX_WEBHOOK_CONNECTION_HPP
#define MCBATCH_SANDBOX_WEBHOOK_CONNECTION_HPP

#include "sandbox/host_lookup.hpp"
#include "sandbox/webhook_url.hpp"

#include <mcbatch/core/time.hpp>
#include <mcbatch/loop/tcp_stream.hpp>
#include <mcbatch/sandbox/webhook_queue.hpp>

#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

#include <optional>
#include <string>

namespace mcbatch::sandbox {

/// A connection to one receiver of events, over TCP or TLS: one event after the other. On the network thread.
class webhook_connection {
public:
  webhook_connection(const io_executor& executor, boost::asio::ssl::context& tls, webhook_url to);

  /// Connects by `deadline`; says why it could not.
  awaitable<std::optional<std::string>> open(instant deadline);

  /// Sends one event to `target` and reads its answer, all by `deadline`.
  awaitable<webhook_answer> post(std::string target, const webhook_event& event, instant deadline);

  /// Whether another event may follow, as far as the receiver's last answer goes.
  [[nodiscard]] bool is_kept() const { return kept_ && !closed_; }

  /// Whether the connection broke before a byte of an answer came to the last event: the receiver had left it while it
  /// was idle, most likely.
  [[nodiscard]] bool is_stale() const { return stale_; }

  [[nodiscard]] const webhook_url& receiver() const { return to_; }

  /// Closes the connection at once, so that what is awaited of it ends.
  void close();

private:
  template <class Stream>
  awaitable<webhook_answer> exchange(Stream& stream, const std::string& message);
  tcp_stream& tcp() { return stream_.next_layer(); }

  webhook_url to_;
  host_lookup lookup_;
  boost::beast::ssl_stream<tcp_stream> stream_; // http:// passes its TLS by
  boost::beast::flat_buffer buffer_;
  bool kept_ = false, stale_ = false, closed_ = false;
};

} // namespace mcbatch::sandbox

#endif
