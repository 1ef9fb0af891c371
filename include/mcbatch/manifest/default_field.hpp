#ifndef MCBATCH_MANIFEST_DEFAULT_FIELD_HPP
#define MCBATCH_MANIFEST_DEFAULT_FIELD_HPP

#include <mcbatch/core/error.hpp>

#include <string>
#include <string_view>

namespace mcbatch::manifest {

/// A field for entries that lack it.
struct default_field {
  std::string name;
  std::string json; ///< its value: one JSON value, without surrounding space
};

/// Reads "FIELD=VALUE", which fills in a string, or "FIELD:=JSON", which fills in any value. Fails with errc::usage.
result<default_field> parse_default(std::string_view argument);

} // namespace mcbatch::manifest

#endif
