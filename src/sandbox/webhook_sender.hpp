#ifndef MCBATCH_SANDBOX_WEBHOOK_SENDER_HPP
#define MCBATCH_SANDBOX_WEBHOOK_SENDER_HPP

#include "sandbox/webhook_connection.hpp"

#include <mcbatch/core/time.hpp>
#include <mcbatch/loop/event_loop.hpp>
#include <mcbatch/sandbox/webhook_queue.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>

#include <cstddef>
#include <exception>
#include <list>
#include <memory>
#include <optional>

namespace mcbatch::sandbox {

/// Where a sender gets its events.
class webhook_source {
public:
  virtual ~webhook_source() = default;

  /// When the next event is to leave.
  virtual std::optional<instant> next_due() = 0;

  /// The next event, if it is to leave now.
  virtual std::optional<webhook_event> take_due() = 0;

  /// What came of one.
  virtual void on_delivered(const webhook_event& event, const webhook_answer& answer) = 0;

  /// A coroutine of the sender's has ended; with an error, by a bug.
  virtual void on_end(const std::exception_ptr& error) = 0;
};

/// Sends events when they are due, many at once, on connections that are kept. No certificate is verified. On the
/// network thread.
class webhook_sender {
public:
  /// `patience`: how long one delivery may take.
  webhook_sender(boost::asio::io_context& io, webhook_source& source, duration patience);

  /// To be called when the next event may have changed.
  void look();

  /// Ends everything at once. What is under way counts as sent, and nothing more is heard of it.
  void close();

private:
  using connection_ptr = std::shared_ptr<webhook_connection>;
  using connection_list = std::list<connection_ptr>;

  void begin(webhook_event event);
  awaitable<void> deliver(webhook_event event);
  awaitable<webhook_answer> send(const webhook_event& event, webhook_url to);
  connection_ptr take_idle(const webhook_url& to);
  connection_ptr make(const webhook_url& to);
  void part(const connection_ptr& connection);

  boost::asio::io_context& io_;
  webhook_source& source_;
  duration patience_;
  boost::asio::ssl::context tls_{boost::asio::ssl::context::tls_client};
  steady_timer due_;
  std::optional<instant> awaited_; // what due_ waits for
  connection_list busy_, idle_;    // the longest idle first
  std::size_t under_way_ = 0;
  bool closed_ = false;
};

} // namespace mcbatch::sandbox

#endif
