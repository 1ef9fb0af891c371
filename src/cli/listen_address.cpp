#include "cli/listen_address.hpp"

#include "cli/exit_code.hpp"

#include <mcbatch/core/text.hpp>

#include <boost/asio/ip/address.hpp>

namespace mcbatch::cli {

listen_address parse_listen_address(const std::string& text, const std::string& option) {
  const auto colon = text.rfind(':');
  auto host = colon == std::string::npos ? std::string("127.0.0.1") : text.substr(0, colon);
  const auto port = parse_integer<unsigned short>(colon == std::string::npos ? text : text.substr(colon + 1));
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host == "localhost") host = "127.0.0.1";
  boost::system::error_code none;
  const auto address = boost::asio::ip::make_address(host, none);
  if (!port || none)
    throw exit_with{exit_code::usage, option + " '" + text +
                                          "' is no address to listen on: write an IP address of this machine and a "
                                          "port, like 127.0.0.1:8080 or [::1]:8080"};
  return {host, *port, address.is_loopback()};
}

} // namespace mcbatch::cli
