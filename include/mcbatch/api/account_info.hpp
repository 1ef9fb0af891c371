#ifndef MCBATCH_API_ACCOUNT_INFO_HPP
#define MCBATCH_API_ACCOUNT_INFO_HPP

#include <mcbatch/api/token.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mcbatch::api {

/// What the answers to GET me and GET account tell, as far as it could be found: their shape is not documented.
struct account_info {
  std::optional<std::string> id;
  std::optional<std::string> name;
  std::optional<std::string> email;
  std::optional<std::string> tier;
  std::optional<std::int64_t> credit_micros; ///< millionths of a euro; below zero for a debt
};

/// Reads the usual names at the top of the object and within its `account`, `user` or `data`. Texts are one line of
/// at most 500 bytes without control characters and the token. All empty where the body is no JSON object.
account_info parse_account(std::string_view body, const token& asked_with);

/// What the answer to GET account says, completed by that to GET me.
account_info merge(account_info account, const account_info& me);

} // namespace mcbatch::api

#endif
