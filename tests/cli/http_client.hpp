#ifndef MCBATCH_TESTS_CLI_HTTP_CLIENT_HPP
#define MCBATCH_TESTS_CLI_HTTP_CLIENT_HPP

#include <string>
#include <string_view>

namespace mcbatch::tests {

/// What a server answered. Status 0: nothing whole.
struct http_reply {
  int status = 0;
  std::string head, body;
};

/// A blocking HTTP client without TLS, on one connection to 127.0.0.1. A peer that is silent for ten seconds counts as
/// gone.
class http_client {
public:
  explicit http_client(unsigned short port);
  ~http_client();
  http_client(const http_client&) = delete;
  http_client& operator=(const http_client&) = delete;

  [[nodiscard]] bool connected() const { return connected_; }
  /// Returns false where the peer is gone.
  bool send(std::string_view bytes) const;
  http_reply receive();
  http_reply ask(std::string_view request) {
    send(request); // who refuses it may not read it to its end; the answer is there all the same
    return receive();
  }

private:
  bool read_more();

  int socket_;
  bool connected_ = false;
  std::string text_; // that was read, and is of no answer so far
};

/// GET on a connection of its own.
http_reply http_get(unsigned short port, const std::string& target, const std::string& host = "127.0.0.1");

} // namespace mcbatch::tests

#endif
