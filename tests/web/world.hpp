#ifndef MCBATCH_TESTS_WEB_WORLD_HPP
#define MCBATCH_TESTS_WEB_WORLD_HPP

#include <mcbatch/loop/tcp_stream.hpp>
#include <mcbatch/web/server.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mcbatch::web::test {

/// A client's connection to 127.0.0.1, on the server's own io_context, so that a test decides in which order things
/// happen. A peer that is silent for ten seconds counts as gone.
class connection {
public:
  using response = boost::beast::http::response<boost::beast::http::string_body>;

  explicit connection(boost::asio::io_context& io) : stream_(tcp_stream(io), tls_) {}

  /// Returns whether it came about. With a CA, that of TLS, which trusts no other.
  awaitable<bool> open(unsigned short port, std::optional<std::string> ca_pem = {});
  /// Returns false where the peer is gone.
  awaitable<bool> send(std::string bytes);
  /// One answer, of a request by HEAD without its body; nothing where the connection ends before its end.
  awaitable<std::optional<response>> receive(bool head = false);
  /// The status of the answer to a request; 0 where none comes.
  awaitable<int> ask(std::string bytes);
  /// What comes until `end` has.
  awaitable<std::string> read_to(std::string end);
  /// Whether nothing comes any more but the connection's end. Waits for either.
  awaitable<bool> ended();
  void close() { lowest().close(); }
  [[nodiscard]] tcp_socket& socket() { return lowest().socket(); }

private:
  tcp_stream& lowest() { return boost::beast::get_lowest_layer(stream_); }
  template <class Work>
  awaitable<bool> read(Work work);

  boost::asio::ssl::context tls_{boost::asio::ssl::context::tls_client};
  boost::beast::ssl_stream<tcp_stream> stream_;
  bool is_tls_ = false;
  boost::beast::flat_buffer buffer_;
  std::string text_; // that was read, and not asked for so far
};

std::string get(const std::string& target = "/", const std::string& more_fields = "");
std::string post(const std::string& body, const std::string& target = "/");

/// A server with its one thread.
struct world {
  boost::asio::io_context io;
  std::vector<std::string> problems; // that it told
  std::vector<request> requests;     // that came to `echo`

  std::unique_ptr<server> listen(handler answers, server_settings settings = {});
  /// Answers 200 with the body that came, or else the target.
  handler echo();

  /// Runs until the test has ended, and then whatever is ready.
  void run(awaitable<void> test);
  /// Whether nothing is left to wait for.
  bool ran_dry();
};

} // namespace mcbatch::web::test

#endif
