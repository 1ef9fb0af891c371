#include <mcbatch/net/proxy.hpp>

#include <mcbatch/core/http.hpp>

#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include <openssl/evp.h>

#include <algorithm>
#include <charconv>
#include <vector>

namespace mcbatch::net {
namespace {

namespace ip = boost::asio::ip;

constexpr std::string_view needed_form = " must read http://[user:password@]host[:port]; its value does not";

std::vector<std::string_view> split_list(std::string_view list) {
  constexpr std::string_view separators = ", \t";
  std::vector<std::string_view> entries;
  while (!list.empty()) {
    const auto end = std::min(list.find_first_of(separators), list.size());
    if (end > 0) entries.push_back(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return entries;
}

bool in_network(const std::string& host, const std::string& network) {
  boost::system::error_code no;
  const auto address = ip::make_address(host, no);
  if (no) return false;
  if (address.is_v4()) {
    const auto range = ip::make_network_v4(network, no);
    return !no && ip::network_v4(address.to_v4(), range.prefix_length()).canonical() == range.canonical();
  }
  const auto range = ip::make_network_v6(network, no);
  return !no && ip::network_v6(address.to_v6(), range.prefix_length()).canonical() == range.canonical();
}

bool same_address(const std::string& host, const std::string& other) {
  boost::system::error_code no;
  const auto left = ip::make_address(host, no);
  if (no) return false;
  const auto right = ip::make_address(other, no);
  return !no && left == right;
}

bool in_domain(std::string_view host, std::string_view domain) {
  if (host.size() == domain.size()) return iequals(host, domain);
  if (host.size() < domain.size()) return false;
  const auto border = host.size() - domain.size();
  return host[border - 1] == '.' && iequals(host.substr(border), domain);
}

bool exempts(std::string_view entry, const origin& peer) {
  if (entry == "*") return true;
  if (entry.find('/') != std::string_view::npos) return in_network(peer.host, std::string(entry));
  if (same_address(peer.host, std::string(entry))) return true;

  if (entry.starts_with('*')) entry.remove_prefix(1);
  if (entry.starts_with('.')) entry.remove_prefix(1);
  const auto exempt = parse_origin(entry, peer.port);
  if (!exempt || exempt->port != peer.port) return false;
  return is_address(peer.host) ? same_address(peer.host, exempt->host) : in_domain(peer.host, exempt->host);
}

/// A user name or password as it stands in a URL, percent-decoded (RFC 3986, section 2.1).
std::string percent_decoded(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned char byte = 0;
    const auto digits = text.substr(std::min(i + 1, text.size()), 2);
    const auto digits_end = digits.data() + digits.size();
    const bool escaped =
        text[i] == '%' && digits.size() == 2 && std::from_chars(digits.data(), digits_end, byte, 16).ptr == digits_end;
    plain += escaped ? static_cast<char>(byte) : text[i];
    if (escaped) i += 2;
  }
  return plain;
}

/// RFC 7617.
std::string basic_authorization(std::string_view userinfo) {
  const auto colon = std::min(userinfo.find(':'), userinfo.size());
  const auto password = userinfo.substr(std::min(colon + 1, userinfo.size()));
  const auto plain = percent_decoded(userinfo.substr(0, colon)) + ":" + percent_decoded(password);
  std::vector<unsigned char> encoded(4 * (plain.size() + 2) / 3 + 1);
  const auto length = EVP_EncodeBlock(encoded.data(), reinterpret_cast<const unsigned char*>(plain.data()),
                                      static_cast<int>(plain.size()));
  return "Basic " + std::string(encoded.begin(), encoded.begin() + length);
}

result<proxy> parse_proxy(std::string_view variable, std::string_view url) {
  const auto unusable = [&](std::string_view why) {
    return failure{errc::bad_setting, std::string(variable) + std::string(why)};
  };
  if (const auto scheme_end = url.find("://"); scheme_end != std::string_view::npos) {
    if (!iequals(url.substr(0, scheme_end), "http"))
      return unusable(" names a proxy that is not spoken to by plain HTTP; only http:// proxies are supported");
    url.remove_prefix(scheme_end + 3);
  }
  if (url.ends_with('/')) url.remove_suffix(1);

  proxy parsed;
  if (const auto at = url.rfind('@'); at != std::string_view::npos) {
    parsed.authorization = basic_authorization(url.substr(0, at));
    url.remove_prefix(at + 1);
  }
  const auto where = parse_origin(url, "80");
  if (!where) return unusable(needed_form);
  parsed.at = *where;
  return parsed;
}

} // namespace

result<std::optional<proxy>> proxy_for(const origin& peer, const environment& lookup) {
  std::string_view variable = "https_proxy";
  auto url = lookup(variable);
  if (!url) url = lookup(variable = "HTTPS_PROXY");
  if (!url || url->empty()) return std::optional<proxy>();

  auto exempt = lookup("no_proxy");
  if (!exempt) exempt = lookup("NO_PROXY");
  if (!exempt) exempt.emplace();
  const auto entries = split_list(*exempt);
  if (std::any_of(entries.begin(), entries.end(), [&](auto entry) { return exempts(entry, peer); }))
    return std::optional<proxy>();

  auto parsed = parse_proxy(variable, *url);
  if (!parsed) return parsed.error();
  return std::optional(std::move(*parsed));
}

} // namespace mcbatch::net
