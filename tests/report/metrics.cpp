#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <mcbatch/report/metrics.hpp>

#include <fstream>
#include <sstream>

#include <unistd.h>

namespace mcbatch::report {
namespace {

using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(metrics)

BOOST_AUTO_TEST_CASE(counters_are_written_as_prometheus_reads_them) {
  run_stats stats(instant{});
  stats.imported({.read = 3, .queued = 3});
  outcome refused;
  refused.what = meaning::refused;
  refused.http_status = 422;
  stats.sent();
  stats.tried({1, {}, refused, job_state::rejected, 50ms});
  const auto text = metrics_text({&stats}, {instant{} + 1s, {}});
  for (const auto* line : {"# TYPE mcbatch_requests_total counter\n", "mcbatch_requests_total 1\n",
                           "mcbatch_answers_total{status=\"422\"} 1\n", "mcbatch_jobs{state=\"rejected\"} 1\n",
                           "mcbatch_jobs{state=\"pending\"} 2\n", "mcbatch_answer_latency_seconds_count 1\n"})
    BOOST_TEST(text.find(line) != std::string::npos, line << " is not in " << text);
}

BOOST_AUTO_TEST_CASE(the_window_that_binds_is_a_gauge_until_its_end) {
  const wall_time noon{std::chrono::seconds(1705320000)};
  const std::string sample = "\nmcbatch_quota_bound_until_timestamp_seconds{";
  run_stats stats(instant{});
  BOOST_TEST(metrics_text({&stats}, {instant{}, noon}).find(sample) == std::string::npos);
  stats.waits({submit::waiting::window, instant{} + 600s, 1h}, instant{});
  const auto text = metrics_text({&stats}, {instant{}, noon});
  BOOST_TEST(text.find(sample + "window=\"1h\"} 1705320600") != std::string::npos, text);
  BOOST_TEST(metrics_text({&stats}, {instant{} + 600s, noon + 600s}).find(sample) == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_file_is_replaced_whole_or_not_at_all) {
  const auto path = std::filesystem::temp_directory_path() / ("mcbatch-metrics-" + std::to_string(::getpid()));
  BOOST_TEST(replace_file(path, "one").has_value());
  BOOST_TEST(replace_file(path, "two").has_value());
  std::stringstream content;
  content << std::ifstream(path).rdbuf();
  BOOST_TEST(content.str() == "two");
  std::filesystem::remove(path);
  BOOST_TEST(!replace_file("/dev/full", "x").has_value());
  BOOST_TEST(std::filesystem::is_character_file("/dev/full"));
  const auto nowhere = replace_file("/no/such/folder/metrics", "x");
  BOOST_TEST(!nowhere.has_value());
  BOOST_TEST(nowhere.error().what.find("/no/such/folder/metrics") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace mcbatch::report
