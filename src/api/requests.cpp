#include <mcbatch/api/requests.hpp>

#include <string>

namespace mcbatch::api {
namespace {

request call(verb method, const base_url& base, std::string_view path, const token& token) {
  request made{method, base.prefix + std::string(path), {}, {}};
  made.fields.add("Authorization", "Bearer " + token.secret());
  made.fields.add("Accept", "application/json");
  // The vendor's documentation asks for it on every request, also on those without a body.
  made.fields.add("Content-Type", "application/json");
  return made;
}

/// As one segment of a path (RFC 3986, section 3.3).
std::string percent_encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string made;
  for (const auto c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
                       c == '_' || c == '~' || c == '.';
    if (plain) {
      made += c;
    } else {
      made += '%';
      made += digits[byte >> 4];
      made += digits[byte & 15];
    }
  }
  return made;
}

} // namespace

request create_request(const base_url& base, const token& token, const job& job, std::string_view idempotency_key) {
  auto made = call(verb::post, base, "/conversion_jobs", token);
  made.fields.add("Idempotency-Key", idempotency_key);
  made.body = job.body;
  return made;
}

request jobs_request(const base_url& base, const token& token, std::uint32_t page) {
  return call(verb::get, base, "/conversion_jobs" + (page > 1 ? "?page=" + std::to_string(page) : ""), token);
}

request job_request(const base_url& base, const token& token, std::string_view id) {
  return call(verb::get, base, "/conversion_jobs/" + percent_encoded(id), token);
}

request me_request(const base_url& base, const token& token) {
  return call(verb::get, base, "/me", token);
}

request account_request(const base_url& base, const token& token) {
  return call(verb::get, base, "/account", token);
}

} // namespace mcbatch::api
