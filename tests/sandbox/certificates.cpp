#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <mcbatch/sandbox/certificates.hpp>

#include <fstream>
#include <sstream>
#include <string>
#include <unistd.h>

using namespace mcbatch;
using namespace mcbatch::sandbox;
namespace fs = std::filesystem;

namespace {

/// A directory of its own, removed at the end.
struct scratch {
  scratch() {
    std::string name = (fs::temp_directory_path() / "mcbatch-certificates-XXXXXX").string();
    dir = ::mkdtemp(name.data());
  }
  ~scratch() { fs::remove_all(dir); }
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;

  fs::path dir;
};

std::string read(const fs::path& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

void write(const fs::path& path, std::string_view text) {
  std::ofstream(path) << text;
}

fs::perms mode(const fs::path& path) {
  return fs::status(path).permissions();
}

} // namespace

BOOST_AUTO_TEST_SUITE(certificates)

BOOST_AUTO_TEST_CASE(an_identity_is_made_once_and_loaded_after) {
  const scratch s;
  const fs::path dir = s.dir / "deep" / "tls";
  const auto made = make_or_load_identity(dir).value();
  BOOST_TEST((mode(dir) == fs::perms::owner_all));
  BOOST_TEST((mode(dir / "server.key") == (fs::perms::owner_read | fs::perms::owner_write)));
  BOOST_TEST(read(dir / "ca.pem") == made.ca_pem);
  BOOST_TEST(read(dir / "server.pem") == made.certificate_pem);
  BOOST_TEST(read(dir / "server.key") == made.key_pem);

  const auto again = make_or_load_identity(dir).value();
  BOOST_TEST(again.ca_pem == made.ca_pem);
  BOOST_TEST(again.certificate_pem == made.certificate_pem);
  BOOST_TEST(again.key_pem == made.key_pem);
}

BOOST_AUTO_TEST_CASE(one_whose_time_is_over_is_made_anew) {
  const scratch s;
  const auto old = make_or_load_identity(s.dir).value();
  write(s.dir / "server.pem", old.expired_pem);
  const auto made = make_or_load_identity(s.dir).value();
  BOOST_TEST(made.ca_pem != old.ca_pem);
  BOOST_TEST(read(s.dir / "server.key") == made.key_pem);
  BOOST_TEST((mode(s.dir / "server.key") == (fs::perms::owner_read | fs::perms::owner_write)));
  BOOST_TEST(make_or_load_identity(s.dir).value().certificate_pem == made.certificate_pem);
}

// As an earlier version left it.
BOOST_AUTO_TEST_CASE(one_without_the_certificates_that_no_client_should_take_is_made_anew) {
  const scratch s;
  const auto old = make_or_load_identity(s.dir).value();
  for (const auto* name : {"expired.pem", "wrong-host.pem", "self-signed.pem"})
    fs::remove(s.dir / name);
  const auto made = make_or_load_identity(s.dir).value();
  BOOST_TEST(made.ca_pem != old.ca_pem);
  BOOST_TEST(read(s.dir / "expired.pem") == made.expired_pem);
  BOOST_TEST(make_or_load_identity(s.dir).value().expired_pem == made.expired_pem);
}

BOOST_AUTO_TEST_CASE(files_that_are_not_the_sandboxs_own_are_left_alone) {
  const auto mine = make_identity().value();
  const auto other = make_identity().value();
  const struct {
    std::string ca, certificate, key;
    std::string_view named;
  } rows[] = {
      {"", mine.certificate_pem, mine.key_pem, "server.pem"}, // one of the three is missing
      {"no PEM", mine.certificate_pem, mine.key_pem, "ca.pem"},
      {mine.certificate_pem, mine.certificate_pem, mine.key_pem, "ca.pem"}, // another CA than ours
      {other.ca_pem, mine.certificate_pem, mine.key_pem, "server.pem"},
      {mine.ca_pem, mine.certificate_pem, other.key_pem, "server.key"},
      {mine.ca_pem, mine.certificate_pem, "", "ca.pem"},
  };
  for (const auto& row : rows) {
    const scratch s;
    if (!row.ca.empty()) write(s.dir / "ca.pem", row.ca);
    if (!row.certificate.empty()) write(s.dir / "server.pem", row.certificate);
    if (!row.key.empty()) write(s.dir / "server.key", row.key);
    const auto loaded = make_or_load_identity(s.dir);
    BOOST_REQUIRE(loaded.has_error());
    BOOST_TEST((loaded.error().code == errc::bad_setting));
    BOOST_TEST(loaded.error().what.find((s.dir / row.named).string()) != std::string::npos, loaded.error().what);
    BOOST_TEST(read(s.dir / "server.pem") == row.certificate);
    BOOST_TEST(read(s.dir / "server.key") == row.key);
  }
}

BOOST_AUTO_TEST_CASE(a_strangers_certificate_beside_them_is_left_alone) {
  const auto other = make_identity().value();
  const scratch s;
  write(s.dir / "self-signed.pem", other.self_signed_pem);
  BOOST_TEST(make_or_load_identity(s.dir).error().what.find("self-signed.pem") != std::string::npos);
  fs::remove(s.dir / "self-signed.pem");
  BOOST_TEST(make_or_load_identity(s.dir).has_value());
  write(s.dir / "expired.pem", other.expired_pem);
  BOOST_TEST(make_or_load_identity(s.dir).error().what.find("expired.pem") != std::string::npos);
  BOOST_TEST(read(s.dir / "expired.pem") == other.expired_pem);
}

BOOST_AUTO_TEST_CASE(a_directory_that_cannot_be_made_is_named) {
  const scratch s;
  write(s.dir / "file", "");
  const auto loaded = make_or_load_identity(s.dir / "file" / "tls");
  BOOST_REQUIRE(loaded.has_error());
  BOOST_TEST(loaded.error().what.find((s.dir / "file" / "tls").string()) != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
