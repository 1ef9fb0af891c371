#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "cli/support.hpp"

namespace mcbatch::tests {
namespace {

using namespace std::chrono_literals;

constexpr auto signature = "5e11ca11ab1e5e11ca11ab1e";
constexpr auto secret_part = "canary-token";

std::string presigned(const std::string& url) {
  return url +
         "?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20260101T000000Z&X-Amz-Expires=604800&X-Amz-Credential=AKIA&X-"
         "Amz-SignedHeaders=host&X-Amz-Signature=" +
         signature;
}

std::string signed_entry(int n, const std::string& input) {
  return R"({"job_type":"video","input_format":"mov","output_format":"mp4","input_url":")" + presigned(input) +
         R"(","output_url":")" + presigned("https://out.example.com/" + std::to_string(n)) + "\"}\n";
}

void expect_clean(const std::string& where, const std::string& text) {
  BOOST_TEST(text.find(secret_part) == std::string::npos, "the token is in " << where);
  BOOST_TEST(text.find(signature) == std::string::npos, "a signature is in " << where);
}

BOOST_AUTO_TEST_SUITE(cli_secrets)

/// Token and signatures are planted, and everything that the program leaves is searched for them.
BOOST_AUTO_TEST_CASE(no_output_holds_the_token_or_a_signature) {
  const world w({.faults = "422@1,drop@2,noid@3,404@4,503@5"});
  std::string manifest;
  for (int n = 0; n < 8; ++n)
    manifest += signed_entry(n, "https://in.example.com/" + std::to_string(n));
  manifest += signed_entry(8, "ftp://in.example.com/wrong-scheme");
  manifest += signed_entry(9, "https://in.example.com/has a space");
  write_file(w.manifest(), manifest);

  for (const auto* level : {"debug", "info"}) {
    for (const auto* format : {"text", "json"}) {
      const auto run = w.submit({"--log-level", level, "--log-format", format, "--metrics-file", w.dir / "metrics",
                                 "--max-in-flight", "1", "--progress", "plain"});
      BOOST_TEST(run.code == 1, run.err);
      expect_clean("standard output", run.out);
      expect_clean("standard error", run.err);
    }
  }
  BOOST_TEST(w.submit({"--log-file", w.dir / "log", "--log-level", "debug"}).code == 1);
  expect_clean("the log", read_file(w.dir / "log"));
  expect_clean("the metrics", read_file(w.dir / "metrics"));
  BOOST_TEST(read_file(w.dir / "metrics").find("mcbatch_requests_total") != std::string::npos);

  for (const auto& command : {std::vector<std::string>{"export", w.ledger()},
                              {"export", w.ledger(), "--format", "csv"},
                              {"status", w.ledger()},
                              {"check", w.manifest()},
                              {"check", w.manifest(), "--json"}}) {
    const auto run = w.run(command);
    expect_clean(command.front(), run.out + run.err);
    BOOST_TEST(run.out.size() > 20);
  }
  BOOST_TEST(w.run({"export", w.ledger(), "--as-manifest"}).out.find(signature) != std::string::npos);

  // Of the files, the ledger keeps the bodies as they are sent; nothing keeps the token.
  for (const auto& file : std::filesystem::recursive_directory_iterator(w.dir.path()))
    if (file.is_regular_file())
      BOOST_TEST(read_file(file.path().string()).find(secret_part) == std::string::npos, file.path());
}

BOOST_AUTO_TEST_CASE(a_token_that_is_refused_is_not_shown) {
  world w;
  w.environment["MEDIACONVERT_API_TOKEN"] = "mc_live_other-canary-token";
  write_file(w.manifest(), entries(0, 2));
  const auto run = w.submit({"--log-level", "debug"});
  BOOST_TEST(run.code == 77);
  expect_clean("the output", run.out + run.err);
  const auto given = w.run({"account", "--token", w.environment["MEDIACONVERT_API_TOKEN"]});
  BOOST_TEST(given.code == 64);
  expect_clean("a wrong command line", given.out + given.err);
  const auto joined = w.submit({"--token=" + w.environment["MEDIACONVERT_API_TOKEN"]});
  expect_clean("a wrong command line", joined.out + joined.err);
  const auto account = w.run({"account"});
  BOOST_TEST(account.code == 77);
  expect_clean("account", account.out + account.err);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace mcbatch::tests
