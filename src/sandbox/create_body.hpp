#ifndef MCBATCH_SANDBOX_CREATE_BODY_HPP
#define MCBATCH_SANDBOX_CREATE_BODY_HPP

#include <mcbatch/core/error.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mcbatch::sandbox {

/// What the sandbox reads of a create's body: the fields that the vendor's documentation requires, the size, and where
/// events go.
struct create_body {
  std::string job_type;
  std::string input_url;
  std::string output_url;
  std::string input_format;
  std::string output_format;
  std::optional<std::uint64_t> input_size_bytes; ///< absent also where it is no whole number of 64 bits
  std::string webhook_url;                       ///< empty where it is absent or no string
};

/// Reads a body. Numbers may have any size, as JSON's do. Fails with errc::unusable_input and the message for the
/// client: "output_url is required".
result<create_body> parse_create_body(std::string_view json);

} // namespace mcbatch::sandbox

#endif
