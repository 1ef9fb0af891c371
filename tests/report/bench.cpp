#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <mcbatch/report/bench_plot.hpp>
#include <mcbatch/report/bench_summary.hpp>

#include <nlohmann/json.hpp>

namespace mcbatch::report {
namespace {

using namespace std::chrono_literals;

constexpr instant start(1h);

outcome answer(int status, meaning what) {
  outcome o;
  o.http_status = status;
  o.what = what;
  return o;
}

/// Three accepted within two seconds, one refused, one lost, one that found no connection.
bench_record sample() {
  bench_record r;
  for (int i = 0; i < 6; ++i)
    r.left(start + i * 100ms);
  for (int i = 1; i <= 3; ++i)
    r.ended(start + i * 500ms, i * 10ms, answer(201, meaning::accepted));
  r.ended(start + 1600ms, 40ms, answer(503, meaning::unavailable));
  r.ended(start + 1700ms, 30s, answer(0, meaning::lost));
  r.ended(start + 2s, 30s, answer(0, meaning::not_sent));
  return r;
}

BOOST_AUTO_TEST_SUITE(bench)

BOOST_AUTO_TEST_CASE(what_ended_is_counted_by_how) {
  const auto r = sample();
  BOOST_TEST(r.departures() == 6U);
  BOOST_TEST(r.accepted() == 3U);
  BOOST_TEST(r.answered() == 4U);
  BOOST_TEST(r.error_count() == 3U);
  BOOST_TEST(r.errors().at("503") == 1U);
  BOOST_TEST(r.errors().at("lost") == 1U);
  BOOST_TEST(r.errors().at("not_sent") == 1U);
  BOOST_TEST((r.elapsed() == 2s));
  BOOST_TEST((r.latency().max() == 40ms)); // of answers alone
}

BOOST_AUTO_TEST_CASE(a_success_without_an_id_is_told_from_one) {
  bench_record r;
  r.left(start);
  r.ended(start + 1s, 1s, answer(200, meaning::unclear_success));
  BOOST_TEST(r.errors().at("unclear_success") == 1U);
  BOOST_TEST(r.answered() == 1U);
}

BOOST_AUTO_TEST_CASE(what_was_held_back_did_not_leave) {
  bench_record r;
  r.left(start);
  r.left(start);
  r.held_back();
  BOOST_TEST(r.departures() == 1U);
  BOOST_TEST((r.elapsed() == 0s));
}

BOOST_AUTO_TEST_CASE(the_object_holds_what_was_measured) {
  const auto r = sample();
  bench_summary s{.record = r};
  s.stop_reason = "done";
  s.base_url = "https://127.0.0.1:1/api/v1";
  s.connections = 8;
  s.rate = quota::limit{500, 1s};
  s.user_time = 4ms;
  s.system_time = 2ms;
  s.bytes_sent = 1234;
  const auto o = nlohmann::json::parse(to_json(s));
  BOOST_TEST(o["loop"] == "open");
  BOOST_TEST(o["rate"] == "500/1s");
  BOOST_TEST(o["latency_from"] == "due");
  BOOST_TEST(o["jobs"]["accepted"] == 3);
  BOOST_TEST(o["errors"]["503"] == 1);
  BOOST_TEST(o["jobs_per_second"] == 1.5);
  BOOST_TEST(o["elapsed_s"] == 2.0);
  BOOST_TEST(o["import_s"].is_null());
  BOOST_TEST(o["latency_ms"]["max"] == 40.0);
  BOOST_TEST(o["latency_ms"]["mean"] == 25.0);
  BOOST_TEST(o["cpu_us_per_job"]["user"] == 1000.0); // by those that were answered
  BOOST_TEST(o["cpu_us_per_job"]["total"] == 1500.0);
  BOOST_TEST(o["bytes"]["sent"] == 1234);
  BOOST_TEST(o["timeline"]["slice_s"] == 0.1);
  BOOST_TEST(o["timeline"]["slices"].size() == 21U);
  const auto text = to_text(s);
  BOOST_TEST(text.find("open loop at 500/1s, 8 connections, with a ledger") != std::string::npos, text);
  BOOST_TEST(text.find("1 503, 1 lost, 1 not_sent") != std::string::npos, text);
}

BOOST_AUTO_TEST_CASE(where_nothing_was_sent_there_is_nothing_to_divide_by) {
  const bench_record none;
  const bench_summary s{.record = none};
  const auto o = nlohmann::json::parse(to_json(s));
  BOOST_TEST(o["jobs_per_second"] == 0.0);
  BOOST_TEST(o["latency_ms"]["p99_99"] == 0.0);
  BOOST_TEST(o["cpu_us_per_job"]["total"] == 0.0);
  BOOST_TEST(o["timeline"].is_null());
  BOOST_TEST(!to_text(s).empty());
}

BOOST_AUTO_TEST_CASE(a_plot_has_a_row_for_each_slice) {
  const auto r = sample();
  bench_summary s{.record = r};
  s.connections = 1;
  const auto script = plot_script(s, plot_format::svg);
  BOOST_TEST(script.starts_with("set terminal svg"), script);
  BOOST_TEST(script.find("\n0.55 10 0 10 10 10\n") != std::string::npos, script); // one in a tenth of a second
  BOOST_TEST(script.find("\n0.05 0 0 NaN NaN NaN\n") != std::string::npos, script);
  BOOST_TEST(plot_script(s, plot_format::png).starts_with("set terminal pngcairo"));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace mcbatch::report
