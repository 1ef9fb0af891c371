#ifndef MCBATCH_MANIFEST_CHECK_HPP
#define MCBATCH_MANIFEST_CHECK_HPP

#include "manifest/walk.hpp"

#include <mcbatch/manifest/entry.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mcbatch::manifest {

/// The fields that are looked at; those that a job must have come first.
inline constexpr std::array<std::string_view, 7> known_fields{
    "input_url", "output_url", "job_type", "input_format", "output_format", "input_size_bytes", "webhook_url"};
inline constexpr auto required_fields = std::span(known_fields).first<5>();

/// Where they stand in `known_fields`.
enum class known_field : std::uint8_t { input_url, output_url, job_type, size = 5, webhook_url };

/// The values that a job has for them, its own or a default's; nothing where it has none.
class job_fields {
public:
  std::optional<value>& operator[](std::size_t i) { return values_[i]; }
  const std::optional<value>& operator[](std::size_t i) const { return values_[i]; }
  const std::optional<value>& operator[](known_field f) const { return values_[static_cast<std::size_t>(f)]; }

private:
  std::array<std::optional<value>, known_fields.size()> values_;
};

/// Adds a problem, unless one of that field is there already: what follows from the first helps nobody.
void report(std::vector<problem>& problems, std::uint64_t line, std::string_view field, std::string message);

/// Adds every problem of a job's fields: one at most for each.
void check_fields(const job_fields& fields, std::uint64_t line, std::vector<problem>& problems);

} // namespace mcbatch::manifest

#endif
