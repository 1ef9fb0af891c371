#ifndef MCBATCH_TESTS_NET_WORLD_HPP
#define MCBATCH_TESTS_NET_WORLD_HPP

#include "certificates.hpp"
#include "scripted_peer.hpp"

#include <mcbatch/loop/event_loop.hpp>
#include <mcbatch/net/pool.hpp>

#include <boost/asio/io_context.hpp>

#include <string>

namespace mcbatch::net::test {

/// A file of its own in the system's temporary folder, gone with it.
class temporary_file {
public:
  explicit temporary_file(const std::string& content);
  ~temporary_file();
  temporary_file(const temporary_file&) = delete;
  temporary_file& operator=(const temporary_file&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }

private:
  std::string path_;
};

/// Real time, as sockets know no other: long enough for a loaded machine to get as far as the test needs, short enough
/// not to be felt.
constexpr duration short_timeout = std::chrono::milliseconds(300);

std::string ok(const std::string& body, const std::string& more_fields = "");
request get(const std::string& target = "/me");

/// A CA that the client trusts, the one thread that everything runs on, and a way to wait for an exchange.
struct world {
  boost::asio::io_context io;
  identity ca = make_ca();
  identity good = make_server("IP:127.0.0.1", 3600, &ca);
  temporary_file ca_file{to_pem(ca)};
  tls_context tls = tls_context::create(ca_file.path()).value();

  [[nodiscard]] pool_options options_for(const std::string& port) const;

  /// Runs until the task has its result, and then whatever is ready.
  exchange_result run(awaitable<exchange_result> task);

  /// Whether nothing is left to wait for: to be asked when pool and peers are closed.
  bool ran_dry();
};

} // namespace mcbatch::net::test

#endif
