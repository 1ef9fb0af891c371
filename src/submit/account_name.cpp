#include <mcbatch/submit/account_name.hpp>

#include <mcbatch/core/key_hash.hpp>

namespace mcbatch::submit {

std::string account_name(const api::base_url& url, const api::token& token) {
  using namespace std::string_view_literals;
  return to_hex(key_hash().of({url.text(), "\0"sv, token.secret()})); // a NUL stands in neither
}

} // namespace mcbatch::submit
