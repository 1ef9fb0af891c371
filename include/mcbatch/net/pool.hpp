#ifndef MCBATCH_NET_POOL_HPP
#define MCBATCH_NET_POOL_HPP

#include <mcbatch/core/http.hpp>
#include <mcbatch/core/time.hpp>
#include <mcbatch/loop/event_loop.hpp>
#include <mcbatch/net/exchange.hpp>
#include <mcbatch/net/origin.hpp>
#include <mcbatch/net/proxy.hpp>
#include <mcbatch/net/tls_context.hpp>
#include <mcbatch/net/traffic.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mcbatch::net {

class connection;
struct time_limit;
struct tls_session;

/// Called once a connection is ready and nothing but the request's first byte is missing. False: do not send.
using before_send = std::function<awaitable<bool>()>;

struct pool_options {
  origin peer;
  std::optional<net::proxy> proxy;
  duration timeout =
      std::chrono::seconds(30); ///< one exchange, from connecting to the last byte; a second more at most
  /// A connection idle for longer is not used again. Load balancers commonly close theirs after 60 s (AWS) or 75 s
  /// (nginx): half the lower keeps clear of the moment at which both sides act at once.
  duration max_idle = std::chrono::seconds(30);
  std::uint32_t max_header = 64 * 1024; ///< bytes of an answer's header; no more, as Beast holds no longer field
  std::uint64_t max_body = 1024 * 1024; ///< bytes of an answer's body
};

/// Keep-alive TLS connections to one origin. All of it, completions included, runs on the executor's one thread.
/// Nothing is ever sent twice: an exchange is one request on one connection.
class pool {
public:
  pool(io_executor executor, const tls_context& tls, pool_options options);
  ~pool();
  pool(const pool&) = delete;
  pool& operator=(const pool&) = delete;

  /// Sends `what` once and reads its answer. The pool must outlive it. Host, User-Agent and Content-Length are added.
  ///
  /// `ready` is called at most once, when a connection stands. It answers false: errc::stopped, and the connection is
  /// kept. While it runs the deadline does not interrupt it, but its time counts.
  ///
  /// Before the first byte left: errc::resolve_failed, connect_failed, tls_failed, untrusted, timed_out. After it:
  /// timed_out, broken_exchange. Either: stopped, by close_all.
  awaitable<exchange_result> exchange(request what, before_send ready = {});

  /// Closes every connection. Exchanges under way fail with errc::stopped; later ones open new connections.
  void close_all();

  /// How many connections wait to be used again.
  [[nodiscard]] std::size_t idle() const { return idle_.size(); }

  /// What its exchanges have carried until now; not of those that are under way.
  [[nodiscard]] const traffic& carried() const { return carried_; }

private:
  struct idle_connection {
    std::shared_ptr<connection> line;
    instant since, until;
  };

  awaitable<result<std::shared_ptr<connection>>> open(time_limit limit);
  std::shared_ptr<connection> take_idle(duration trusted); // null where there is none
  void keep(std::shared_ptr<connection> line);
  void watch();

  io_executor executor_;
  std::shared_ptr<boost::asio::ssl::context> tls_;
  pool_options options_;
  std::deque<idle_connection> idle_;           // the most recently used one last
  std::vector<std::weak_ptr<connection>> all_; // idle or busy, to close them
  traffic carried_;
  std::uint64_t closings_ = 0; // how often close_all was called
  std::unique_ptr<tls_session> session_;

  /// One timer sees to every deadline, as long as there are exchanges: one for each would be set and taken back with
  /// each of them. Shared with these, for an io_context that ends destroys the last of them, and perhaps after the
  /// pool.
  struct watchdog {
    steady_timer timer;
    std::size_t under_way = 0;
  };
  std::shared_ptr<watchdog> watchdog_;

  std::string fixed_fields_; // of each request: Host and User-Agent
};

} // namespace mcbatch::net

#endif
