// Whom the client trusts where no --ca-file is given: what OpenSSL's own variables name, file or folder.
#include "world.hpp"

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <openssl/x509.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <unistd.h>

using namespace mcbatch;
using namespace mcbatch::net;
using namespace mcbatch::net::test;

namespace {

/// A variable of the environment, as long as it lives.
class set_variable {
public:
  set_variable(const char* name, const std::string& value) : name_(name) { ::setenv(name, value.c_str(), 1); }
  ~set_variable() { ::unsetenv(name_); }
  set_variable(const set_variable&) = delete;
  set_variable& operator=(const set_variable&) = delete;

private:
  const char* name_;
};

struct fixture : world {
  scripted_peer peer{io, good, [](const auto&) { return answer{ok("{}"), answer::end::keep}; }};
  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("mcbatch_trust_" + std::to_string(::getpid()));

  fixture() { std::filesystem::create_directory(folder); }
  ~fixture() {
    peer.stop();
    BOOST_TEST(ran_dry());
    std::filesystem::remove_all(folder);
  }

  /// Puts the CA into the folder as openssl-rehash(1) does.
  void put_by_hash(const identity& anchor) const {
    std::array<char, 16> name{};
    std::snprintf(name.data(), name.size(), "%08lx.0", ::X509_subject_name_hash(anchor.certificate.get()));
    std::ofstream(folder / name.data()) << to_pem(anchor);
  }

  bool trusts() {
    const auto anchors = tls_context::create();
    BOOST_REQUIRE(anchors);
    net::pool pool(io.get_executor(), *anchors, options_for(peer.port()));
    const auto seen = run(pool.exchange(get()));
    pool.close_all();
    if (!seen) BOOST_TEST((seen.error().why.code == errc::untrusted), seen.error().why.what);
    return seen.has_value();
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(net_trust, fixture)

BOOST_AUTO_TEST_CASE(a_strangers_certificate_is_not_trusted) {
  BOOST_TEST(!trusts());
}

BOOST_AUTO_TEST_CASE(anchors_by_hash_are_read_as_they_are_needed) {
  put_by_hash(make_ca("another CA"));
  const set_variable dir("SSL_CERT_DIR", folder);
  BOOST_TEST(!trusts());
  put_by_hash(ca);
  BOOST_TEST(trusts());
}

BOOST_AUTO_TEST_CASE(a_file_that_is_named_counts_beside_anchors_by_hash) {
  put_by_hash(make_ca("another CA"));
  const set_variable dir("SSL_CERT_DIR", folder);
  const set_variable file("SSL_CERT_FILE", ca_file.path());
  BOOST_TEST(trusts());
}

BOOST_AUTO_TEST_CASE(the_file_is_what_there_is_where_nothing_lies_by_hash) {
  const set_variable dir("SSL_CERT_DIR", folder);
  const set_variable file("SSL_CERT_FILE", ca_file.path());
  BOOST_TEST(trusts());
}

BOOST_AUTO_TEST_SUITE_END()
