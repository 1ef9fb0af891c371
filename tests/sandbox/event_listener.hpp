#ifndef MCBATCH_TESTS_SANDBOX_EVENT_LISTENER_HPP
#define MCBATCH_TESTS_SANDBOX_EVENT_LISTENER_HPP

#include <mcbatch/sandbox/certificates.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace mcbatch::sandbox::tests {

/// A receiver of webhook events on 127.0.0.1, over HTTP or HTTPS, on plain sockets and OpenSSL. Nothing that the
/// sandbox is made of is in it.
class event_listener {
public:
  struct event {
    std::string head; ///< the request line and the fields
    std::string body;
    std::size_t nth;               ///< of all that came, from 0
    std::size_t nth_of_connection; ///< likewise
    std::chrono::steady_clock::time_point arrived;

    [[nodiscard]] std::string target() const;
    [[nodiscard]] std::string field(std::string_view name) const;
    [[nodiscard]] bool tells(std::string_view status) const;
    [[nodiscard]] bool is_signed_by(const std::string& secret) const;
  };

  /// What becomes of an event: a status, or one of these.
  static constexpr int leave = 0;  ///< the connection is closed
  static constexpr int hang = -1;  ///< nothing, until the sandbox closes it
  static constexpr int close = -2; ///< 200, and then the connection is closed, though it was to be kept
  using answer = std::function<int(const event&)>;

  explicit event_listener(answer how = {}, const identity* tls = nullptr);
  ~event_listener();
  event_listener(const event_listener&) = delete;
  event_listener& operator=(const event_listener&) = delete;

  [[nodiscard]] unsigned short port() const;

  /// What has come, once there are `n`, or after ten seconds.
  [[nodiscard]] std::vector<event> wait_for(std::size_t n) const;

  [[nodiscard]] std::size_t connections() const; ///< since the start
  [[nodiscard]] std::size_t most_open() const;   ///< at once

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace mcbatch::sandbox::tests

#endif
