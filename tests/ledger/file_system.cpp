#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "ledger/file_system.hpp"
#include "support.hpp"

#include <atomic>
#include <dlfcn.h>
#include <sys/statfs.h>

namespace mcbatch::ledger::test {
namespace {

std::atomic<std::uint32_t> pretended_type = 0;

} // namespace
} // namespace mcbatch::ledger::test

// The program's own definition is found before the C library's.
extern "C" int statfs(const char* path, struct statfs* about) noexcept {
  using function = int (*)(const char*, struct statfs*);
  const int result = reinterpret_cast<function>(::dlsym(RTLD_NEXT, "statfs"))(path, about);
  if (const auto type = mcbatch::ledger::test::pretended_type.load(); type != 0) about->f_type = type;
  return result;
}

namespace mcbatch::ledger::test {
namespace {

/// Every file system is of this type (statfs(2)) while it lives.
class file_systems_of_type {
public:
  explicit file_systems_of_type(std::uint32_t type) { pretended_type = type; }
  file_systems_of_type(const file_systems_of_type&) = delete;
  file_systems_of_type& operator=(const file_systems_of_type&) = delete;
  ~file_systems_of_type() { pretended_type = 0; }
};

struct ledger_fixture {
  temporary_directory directory;
  std::filesystem::path path = directory / "batch.ledger";
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(file_systems, ledger_fixture)

BOOST_AUTO_TEST_CASE(a_ledger_on_a_network_file_system_is_refused_and_nothing_is_made_there) {
  struct row {
    std::uint32_t type;
    const char* name;
  };
  for (const auto& row :
       {row{0x6969, "NFS"}, row{0xff534d42, "SMB/CIFS"}, row{0xfe534d42, "SMB"}, row{0xc36400, "Ceph"}}) {
    const file_systems_of_type network(row.type);
    const auto r = store::create_or_open(path, {});
    BOOST_TEST_REQUIRE(r.has_error());
    BOOST_TEST(r.error().code == errc::cannot_write);
    for (const auto& part : {std::string(row.name), path.string(), std::string("--ledger")})
      BOOST_TEST(r.error().what.find(part) != std::string::npos, r.error().what << " lacks " << part);
    BOOST_TEST(std::filesystem::is_empty(directory.path()));
  }
}

BOOST_AUTO_TEST_CASE(a_ledger_that_was_moved_to_a_network_file_system_can_be_read_there_and_not_written) {
  {
    auto s = open_store(path);
    import_one(s, 1);
    must(s.close());
  }
  const file_systems_of_type network(0x6969);
  BOOST_TEST(store::open_existing(path, {}).error().code == errc::cannot_write);
  BOOST_TEST(must(must(reading::open(path)).counts()).total() == 1u);
}

BOOST_AUTO_TEST_CASE(local_file_systems_are_none_of_them) {
  for (const std::uint32_t type : {0xef53U, 0x58465342U, 0x9123683eU, 0x01021994U, 0x794c7630U, 0x65735546U}) {
    const file_systems_of_type local(type); // ext4, XFS, Btrfs, tmpfs, overlay, FUSE of a local kind
    BOOST_TEST(store::create_or_open(path, {}).has_value(), std::hex << type);
  }
}

BOOST_AUTO_TEST_CASE(a_file_system_in_user_space_is_known_by_the_name_of_its_mount) {
  constexpr const char* mounts = "22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw\n"
                                 "90 22 0:52 / /mnt/far rw shared:7 master:3 - fuse.sshfs me@far:/ rw,user_id=0\n"
                                 "91 22 0:53 / /mnt/safe rw - fuse.gocryptfs /home/me/crypt rw\n"
                                 "92 22 0:54 broken";
  BOOST_TEST(type_of(mounts, "0:52").value() == "fuse.sshfs");
  BOOST_TEST(type_of(mounts, "254:1").value() == "ext4");
  BOOST_TEST(!type_of(mounts, "0:54").has_value());
  BOOST_TEST(!type_of(mounts, "0:5").has_value());
  BOOST_TEST(is_network_fuse("fuse.sshfs"));
  BOOST_TEST(is_network_fuse("fuse.s3fs"));
  BOOST_TEST(!is_network_fuse("fuse.gocryptfs"));
  BOOST_TEST(!is_network_fuse("ext4"));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace mcbatch::ledger::test
