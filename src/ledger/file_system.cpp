#include "file_system.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <sstream>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>

namespace mcbatch::ledger {
namespace {

struct known_type {
  std::uint32_t magic; // statfs(2), linux/magic.h and the kernel's sources
  const char* name;
};

constexpr std::array network_types{
    known_type{0x6969, "NFS"},        known_type{0xff534d42, "SMB/CIFS"}, known_type{0xfe534d42, "SMB"},
    known_type{0x517b, "SMB"},        known_type{0x5346414f, "AFS"},      known_type{0x6b414653, "AFS"},
    known_type{0x73757245, "Coda"},   known_type{0x564c, "NCP"},          known_type{0x00c36400, "Ceph"},
    known_type{0x0bd00bd0, "Lustre"}, known_type{0x47504653, "GPFS"},     known_type{0x19830326, "BeeGFS"},
    known_type{0x01021997, "9P"},     known_type{0x7461636f, "OCFS2"},    known_type{0x01161970, "GFS2"},
};
constexpr std::uint32_t fuse_magic = 0x65735546;

constexpr std::array<std::string_view, 16> network_fuses{
    "sshfs",   "rclone",    "s3fs",      "goofys",    "gcsfuse", "blobfuse", "blobfuse2", "davfs",
    "juicefs", "ceph-fuse", "glusterfs", "curlftpfs", "mfs",     "moosefs",  "afpfs",     "smbnetfs"};

std::string device_of(const std::filesystem::path& file) {
  struct stat about {};
  if (::stat(file.c_str(), &about) != 0) return {};
  return std::to_string(major(about.st_dev)) + ":" + std::to_string(minor(about.st_dev));
}

/// The name of the network file system on which `file` lies, if it is one.
std::optional<std::string> network_file_system(const std::filesystem::path& file) {
  struct statfs about {};
  if (::statfs(file.c_str(), &about) != 0) return std::nullopt; // whoever opens the file says why
  const auto magic = static_cast<std::uint32_t>(about.f_type);
  const auto known = std::ranges::find(network_types, magic, &known_type::magic);
  if (known != network_types.end()) return known->name;
  if (magic != fuse_magic) return std::nullopt;
  std::stringstream mounts;
  mounts << std::ifstream("/proc/self/mountinfo").rdbuf();
  const auto type = type_of(mounts.str(), device_of(file));
  return type && is_network_fuse(*type) ? type : std::nullopt;
}

} // namespace

bool is_network_fuse(std::string_view type) {
  constexpr std::string_view prefix = "fuse.";
  if (type.starts_with(prefix)) type.remove_prefix(prefix.size());
  return std::ranges::find(network_fuses, type) != network_fuses.end();
}

std::optional<std::string> type_of(std::string_view mountinfo, std::string_view device) {
  // "36 35 98:0 /root /mount options optional... - type source options"
  std::istringstream lines{std::string(mountinfo)};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string number, parent, dev, word, type;
    words >> number >> parent >> dev;
    if (dev != device) continue;
    while (words >> word && word != "-")
      ;
    if (words >> type) return type;
  }
  return std::nullopt;
}

result<void> check_file_system(const std::filesystem::path& ledger) {
  std::error_code failed;
  const auto file =
      std::filesystem::exists(ledger, failed) ? ledger : std::filesystem::absolute(ledger, failed).parent_path();
  const auto type = network_file_system(file);
  if (!type) return {};
  return failure{errc::cannot_write, "the ledger " + ledger.string() + " is on a network file system (" + *type +
                                         "), where neither its lock nor its log can be relied on, and jobs could be "
                                         "sent twice. Nothing was sent. Name a file on a local disk with --ledger."};
}

} // namespace mcbatch::ledger
