#ifndef MCBATCH_CLI_OWN_FILES_HPP
#define MCBATCH_CLI_OWN_FILES_HPP

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcbatch::cli {

/// What a command writes may not take the place of what it is for. Ends the program (exit_with) where `output`, which
/// `option` names, is the ledger, a file that belongs to it, or one of the inputs; whether these are there yet or not.
/// Without an output, and for standard output (-), there is nothing to refuse.
void refuse_to_replace(const std::optional<std::string>& output, std::string_view option,
                       const std::filesystem::path& ledger, const std::vector<std::string>& inputs = {});

} // namespace mcbatch::cli

#endif
