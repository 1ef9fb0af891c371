#ifndef MCBATCH_LEDGER_FILE_SYSTEM_HPP
#define MCBATCH_LEDGER_FILE_SYSTEM_HPP

#include <mcbatch/core/error.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace mcbatch::ledger {

/// Refuses to write a ledger on a network file system: `cannot_write`. There neither flock(2) nor the memory that
/// connections to a log share (https://www.sqlite.org/wal.html, "all processes must be on the same host computer")
/// reaches other hosts, and a sync may promise what it does not keep.
result<void> check_file_system(const std::filesystem::path& ledger);

/// Whether `type`, as /proc/self/mountinfo calls it ("fuse.sshfs"), is a file system in user space that reaches over a
/// network.
bool is_network_fuse(std::string_view type);

/// The type of the file system with the device number `device` ("0:52"), by the text of a mountinfo file (proc(5)).
std::optional<std::string> type_of(std::string_view mountinfo, std::string_view device);

} // namespace mcbatch::ledger

#endif
