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

request me_request(const base_url& base, const token& token) {
  return call(verb::get, base, "/me", token);
}

request account_request(const base_url& base, const token& token) {
  return call(verb::get, base, "/account", token);
}

} // namespace mcbatch::api
