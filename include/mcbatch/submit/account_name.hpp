#ifndef MCBATCH_SUBMIT_ACCOUNT_NAME_HPP
#define MCBATCH_SUBMIT_ACCOUNT_NAME_HPP

#include <mcbatch/api/base_url.hpp>
#include <mcbatch/api/token.hpp>

#include <string>

namespace mcbatch::submit {

/// What the account's state file is named by: 32 hexadecimal digits of a SHA-256 over base URL and token, from which
/// the token cannot be had.
std::string account_name(const api::base_url& url, const api::token& token);

} // namespace mcbatch::submit

#endif
