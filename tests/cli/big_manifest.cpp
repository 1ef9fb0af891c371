#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "cli/support.hpp"

#include <thread>

#include <unistd.h>

namespace mcbatch::tests {
namespace {

/// An entry of about 500 bytes, as presigned URLs make them.
std::string long_entry(std::size_t n) {
  const auto filler = std::string(60, 'f') + std::to_string(n);
  const auto url = [&](const char* host) {
    return std::string("https://") + host + ".s3.eu-central-1.amazonaws.com/" + filler +
           "?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=" + std::string(64, 'a');
  };
  return R"({"job_type":"video","input_format":"mov","output_format":"mp4","input_url":")" + url("in") +
         R"(","output_url":")" + url("out") + "\"}\n";
}

BOOST_AUTO_TEST_SUITE(cli_big_manifest)

BOOST_AUTO_TEST_CASE(a_million_lines_are_checked_in_less_than_100_mb) {
  constexpr std::size_t jobs = 1'000'000;
  const temp_dir dir;
  std::thread feeder;
  std::size_t fed = 0;
  const auto feed = [&](int to) {
    feeder = std::thread([&fed, end = ::dup(to)] {
      std::string block;
      for (std::size_t n = 0; n < jobs; ++n) {
        block += long_entry(n);
        if (block.size() < 1'000'000 && n + 1 < jobs) continue;
        fed += block.size();
        for (std::string_view rest = block; !rest.empty();) {
          const auto written = ::write(end, rest.data(), rest.size());
          if (written <= 0) return;
          rest.remove_prefix(static_cast<std::size_t>(written));
        }
        block.clear();
      }
      ::close(end);
    });
  };
  mcbatch_process check({"check", "-", "--json"}, {}, feed);
  const auto e = check.wait();
  feeder.join();
  BOOST_TEST(e.code == 0, e.err);
  BOOST_TEST(e.json()["valid"] == jobs);
  BOOST_TEST(fed > 400'000'000);
  BOOST_TEST_MESSAGE(fed / 1'000'000 << " MB in " << e.max_rss_kb / 1024 << " MiB of memory");
  BOOST_TEST(e.max_rss_kb < 100'000);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace mcbatch::tests
