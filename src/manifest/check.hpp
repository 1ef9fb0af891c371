#ifndef MCBATCH_MANIFEST_CHECK_HPP
#define MCBATCH_MANIFEST_CHECK_HPP

#include "manifest/walk.hpp"

#include <mcbatch/manifest/entry.hpp>

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcbatch::manifest {

inline constexpr std::array<std::string_view, 5> required_fields{"input_url", "output_url", "job_type", "input_format",
                                                                 "output_format"};

/// Adds a problem, unless one of that field is there already: what follows from the first helps nobody.
void report(std::vector<problem>& problems, std::uint64_t line, std::string_view field, std::string message);

/// The value that a job has for a field, its own or a default's; nothing where it has none.
using field_finder = std::function<std::optional<value>(std::string_view name)>;

/// Adds every problem of a job's fields: one at most for each.
void check_fields(const field_finder& find, std::uint64_t line, std::vector<problem>& problems);

} // namespace mcbatch::manifest

#endif
