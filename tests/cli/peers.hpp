#ifndef MCBATCH_TESTS_CLI_PEERS_HPP
#define MCBATCH_TESTS_CLI_PEERS_HPP

#include <mcbatch/sandbox/certificates.hpp>

#include <openssl/ssl.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace mcbatch::tests {

/// A listener on 127.0.0.1 with a thread for each connection. Its end ends them all.
class listener {
public:
  using conversation = std::function<void(int socket)>;

  explicit listener(conversation talk);
  ~listener();
  listener(const listener&) = delete;
  listener& operator=(const listener&) = delete;

  [[nodiscard]] std::string port() const { return std::to_string(port_); }
  [[nodiscard]] int connections() const { return connections_; }

private:
  void accept_all();

  conversation talk_;
  int socket_;
  unsigned short port_ = 0;
  std::atomic<int> connections_ = 0;
  std::mutex mutex_;
  std::vector<int> open_;
  std::vector<std::thread> talking_;
  std::thread accepting_;
};

/// An HTTPS server that answers whatever the test says: the bytes that `answer` makes of a request (head and body).
class tls_peer {
public:
  using answerer = std::function<std::string(const std::string& request)>;

  struct options {
    int newest_version = 0;           ///< of TLS, as OpenSSL numbers them; 0: any
    bool asks_to_renegotiate = false; ///< before each answer; in TLS 1.2
  };

  explicit tls_peer(answerer answer) : tls_peer(std::move(answer), options{}) {}
  tls_peer(answerer answer, options o);

  [[nodiscard]] std::string base_url() const { return "https://127.0.0.1:" + listener_->port() + "/api/v1"; }
  [[nodiscard]] std::string port() const { return listener_->port(); }
  [[nodiscard]] const std::string& ca_pem() const { return identity_.ca_pem; }
  [[nodiscard]] int connections() const { return listener_->connections(); }
  [[nodiscard]] int requests() const { return requests_; }

  // Of TLS handshakes, on all connections:
  [[nodiscard]] int hellos() const { return hellos_; }           ///< ClientHellos that came
  [[nodiscard]] int asked_again() const { return asked_again_; } ///< HelloRequests that were sent
  [[nodiscard]] int declined() const { return declined_; }       ///< no_renegotiation alerts that came

private:
  void serve(int socket);
  static void look(int is_ours, int version, int type, const void* bytes, std::size_t size, SSL* ssl, void* self);

  sandbox::identity identity_;
  answerer answer_;
  options options_;
  std::shared_ptr<SSL_CTX> context_;
  std::atomic<int> requests_ = 0, hellos_ = 0, asked_again_ = 0, declined_ = 0;
  std::unique_ptr<listener> listener_; // the last: it uses the others
};

/// An HTTP proxy that keeps all that it can read of what passes through it.
class proxy_peer {
public:
  /// `answer` to CONNECT; where it is a 200, bytes are relayed to `target_port`.
  proxy_peer(std::string answer, std::string target_port);

  [[nodiscard]] std::string port() const { return listener_->port(); }
  [[nodiscard]] std::string heard();

private:
  void serve(int client);
  std::string hear(int from);
  bool relay(int from, int to);

  std::string answer_, target_port_, heard_;
  std::mutex mutex_;
  std::unique_ptr<listener> listener_;
};

/// An answer with a body in JSON, or whatever it is.
std::string http_answer(const std::string& status, const std::string& body, const std::string& more_fields = "");

} // namespace mcbatch::tests

#endif
