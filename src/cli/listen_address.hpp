#ifndef MCBATCH_CLI_LISTEN_ADDRESS_HPP
#define MCBATCH_CLI_LISTEN_ADDRESS_HPP

#include <string>

namespace mcbatch::cli {

/// Where to listen.
struct listen_address {
  std::string host;        ///< an IP address
  unsigned short port = 0; ///< 0: any that is free
  bool is_loopback = true; ///< nobody else's machine gets there
};

/// Reads "127.0.0.1:8080", "[::1]:8080", "localhost:8080", or a port alone, which is one of 127.0.0.1. What cannot be
/// one ends the program (exit_with) with a sentence that names `option`.
listen_address parse_listen_address(const std::string& text, const std::string& option);

} // namespace mcbatch::cli

#endif
