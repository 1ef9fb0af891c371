#ifndef MCBATCH_LEDGER_FAILURES_HPP
#define MCBATCH_LEDGER_FAILURES_HPP

#include <mcbatch/core/error.hpp>

#include <exception>
#include <filesystem>

namespace mcbatch::ledger {

/// The failure for a person, of what was thrown while `ledger` was written.
failure write_failure(const std::filesystem::path& ledger, const std::exception& e);

/// Likewise while it was read.
failure read_failure(const std::filesystem::path& ledger, const std::exception& e);

} // namespace mcbatch::ledger

#endif
