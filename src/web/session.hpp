#ifndef MCBATCH_WEB_SESSION_HPP
#define MCBATCH_WEB_SESSION_HPP

#include <mcbatch/loop/event_loop.hpp>
#include <mcbatch/web/rate_bound.hpp>
#include <mcbatch/web/server.hpp>

#include <boost/asio/ssl/context.hpp>

#include <memory>

namespace mcbatch::web {

/// What all sessions of a server share.
struct session_parts {
  std::size_t max_body;
  duration patience;
  rate_bound requests;
  handler answers;
  std::function<void(const std::string&)> problem;
};

/// One connection: one request after the other. On the executor's thread.
class session {
public:
  virtual ~session() = default;

  /// Serves until either side closes. The session and the parts outlive it.
  virtual awaitable<void> run() = 0;

  /// Ends the connection at once, so that `run` ends.
  virtual void close() = 0;

  /// Since when it has waited for a request, followed a feed, or waited for its end; nothing while it is busy with an
  /// answer.
  [[nodiscard]] std::optional<instant> idle_since() const { return idle_since_; }

protected:
  std::optional<instant> idle_since_;
};

std::shared_ptr<session> make_session(tcp_socket socket, session_parts& parts);
std::shared_ptr<session> make_session(tcp_socket socket, boost::asio::ssl::context& tls, session_parts& parts);

} // namespace mcbatch::web

#endif
