#include "cli/own_files.hpp"

#include "cli/exit_code.hpp"

#include <fmt/format.h>

namespace mcbatch::cli {
namespace {

namespace fs = std::filesystem;

/// By another name, through a link, or to be.
bool is_same(const fs::path& a, const fs::path& b) {
  std::error_code not_there, nowhere;
  if (fs::equivalent(a, b, not_there)) return true;
  const auto one = fs::absolute(a, nowhere), other = fs::absolute(b, nowhere);
  return !nowhere && one.lexically_normal() == other.lexically_normal();
}

} // namespace

void refuse_to_replace(const std::optional<std::string>& output, std::string_view option, const fs::path& ledger,
                       const std::vector<std::string>& inputs) {
  if (!output || *output == "-") return;
  if (output->empty()) throw exit_with{exit_code::usage, fmt::format("{} names no file", option)};
  for (const char* suffix : {"", "-wal", "-shm", "-journal", ".lock"})
    if (is_same(ledger.string() + suffix, *output))
      throw exit_with{
          exit_code::usage,
          fmt::format("{} {} is the ledger, or a file that belongs to it: name another file", option, *output)};
  for (const auto& input : inputs)
    if (input != "-" && is_same(input, *output))
      throw exit_with{exit_code::usage,
                      fmt::format("{} {} is a manifest of this run: name another file", option, *output)};
}

} // namespace mcbatch::cli
