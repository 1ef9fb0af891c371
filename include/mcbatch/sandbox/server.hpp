#ifndef MCBATCH_SANDBOX_SERVER_HPP
#define MCBATCH_SANDBOX_SERVER_HPP

#include <mcbatch/core/error.hpp>
#include <mcbatch/core/time.hpp>
#include <mcbatch/sandbox/certificates.hpp>
#include <mcbatch/sandbox/service.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace mcbatch::sandbox {

struct server_options {
  std::string address = "127.0.0.1"; ///< an IP address
  unsigned short port = 0;           ///< 0 picks a free one
  identity tls;
  std::optional<std::filesystem::path> journal;        ///< appended to; made with mode 0600
  std::size_t max_body = std::size_t{1} << 20;         ///< bytes of a request's body; more is answered 413
  duration idle = std::chrono::seconds(60);            ///< how long a connection may stay silent
  duration webhook_patience = std::chrono::seconds(5); ///< how long the delivery of one event may take
};

/// The service behind HTTPS: HTTP/1.1 with keep-alive over TLS 1.2 or newer, on a thread of its own, which delivers the
/// webhook events as well.
class server {
public:
  /// Accepts connections when it returns, unless the first is to be refused. Fails with errc::bad_setting where the
  /// address or the identity cannot be used, and errc::cannot_write where the journal cannot be opened.
  static result<std::unique_ptr<server>> start(service s, server_options options);

  server(const server&) = delete;
  server& operator=(const server&) = delete;
  ~server();

  // From any thread:

  [[nodiscard]] unsigned short port() const;
  [[nodiscard]] std::string base_url() const; ///< "https://127.0.0.1:PORT/api/v1"

  [[nodiscard]] std::uint64_t accepted() const;                                  ///< as service::accepted
  [[nodiscard]] std::uint64_t refused() const;                                   ///< as service::refused
  [[nodiscard]] std::vector<instant> counted() const;                            ///< as service::counted
  [[nodiscard]] std::uint64_t polls() const;                                     ///< as service::polls
  [[nodiscard]] std::unordered_map<std::string, conversion> conversions() const; ///< as service::conversions, now
  [[nodiscard]] webhook_counts webhooks() const;                                 ///< as webhook_queue::counts
  [[nodiscard]] std::uint64_t connections() const;                               ///< TCP connections since the start

  /// The journal's lines since the start; read from the file where there is one, else kept in memory.
  [[nodiscard]] std::vector<std::string> journal_lines() const;

  /// Why the server ended by itself: the journal could not be written, or a bug. Nothing while it runs.
  [[nodiscard]] std::optional<failure> problem() const;

  // From one thread at a time:

  /// Closes the listener and every connection, and ends the thread. The counts can still be read.
  void stop();

private:
  class impl;
  explicit server(std::unique_ptr<impl> i);
  std::unique_ptr<impl> impl_;
};

} // namespace mcbatch::sandbox

#endif
