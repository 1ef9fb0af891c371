#ifndef MCBATCH_WEB_SERVER_HPP
#define MCBATCH_WEB_SERVER_HPP

#include <mcbatch/core/error.hpp>
#include <mcbatch/core/http.hpp>
#include <mcbatch/core/time.hpp>
#include <mcbatch/loop/event_loop.hpp>
#include <mcbatch/web/feed.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace mcbatch::web {

/// A certificate with its chain, and its key, both PEM.
struct tls_files {
  std::filesystem::path certificate, key;
};

struct server_settings {
  std::string address = "127.0.0.1";            ///< an IP address
  unsigned short port = 0;                      ///< 0 picks a free one
  std::optional<tls_files> tls;                 ///< none: plain HTTP
  std::size_t max_body = std::size_t{64} << 10; ///< bytes; a larger request is answered 413
  /// Beyond these, the connection that has waited longest for its next request gives way.
  std::size_t max_connections = 64;
  unsigned requests_per_second = 1000;          ///< more are answered 503
  unsigned connections_per_second = 100;        ///< more wait to be accepted: a handshake costs a millisecond
  duration patience = std::chrono::seconds(10); ///< with a request under way, an answer that is not taken, and silence
};

/// The answer to a request. One with a feed has no end: what the feed publishes follows as server-sent events (WHATWG
/// HTML, section 9.2).
struct answer {
  reply whole;
  std::shared_ptr<feed> then = {};
};

using handler = std::function<awaitable<answer>(request)>;

/// A small HTTP/1.1 server, plain or over TLS 1.2 or newer, for GET and POST. Whatever comes costs bounded memory and
/// time. Everything runs on the executor's one thread.
class server {
public:
  /// Accepts connections when it returns. A request whose handler throws is answered 500, and `problem` is told. What
  /// the handler works with must live until the executor has run dry, or runs no more.
  /// errc::bad_setting where the address, the certificate or the key cannot be used.
  static result<std::unique_ptr<server>> listen(io_executor executor, server_settings settings, handler answers,
                                                std::function<void(const std::string&)> problem);

  server(const server&) = delete;
  server& operator=(const server&) = delete;
  ~server();

  [[nodiscard]] unsigned short port() const;
  /// "https://127.0.0.1:8443", as it listens.
  [[nodiscard]] std::string origin() const;

  /// Accepts nothing any more, and ends every connection.
  void close();

private:
  class impl;
  explicit server(std::shared_ptr<impl> i);
  std::shared_ptr<impl> impl_;
};

} // namespace mcbatch::web

#endif
