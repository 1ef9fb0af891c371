#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <mcbatch/report/following.hpp>
#include <mcbatch/report/metrics.hpp>

#include <nlohmann/json.hpp>

namespace mcbatch::report {
namespace {

/// A number of its own for each count, so that none stands in another's place.
constexpr track::event_counts events{
    .news = 1, .no_news = 20, .proofs = 300, .early = 4000, .unproven = 50'000, .malformed = 600'000};

following some() {
  following f;
  f.polls = {.sent = 12, .rate_limited = 3, .failed = 2, .by_status = {{200, 7}, {404, 1}, {429, 3}}};
  f.missing = 1;
  f.events = events;
  return f;
}

/// The value of a sample, by its name and labels.
std::string sample(const std::string& text, const std::string& of) {
  const auto at = ("\n" + text).find("\n" + of + " ");
  if (at == std::string::npos) return "none";
  const auto begin = at + of.size() + 1;
  return text.substr(begin, text.find('\n', begin) - begin);
}

BOOST_AUTO_TEST_SUITE(followings)

BOOST_AUTO_TEST_CASE(each_count_has_its_own_member) {
  BOOST_TEST(polls_json(some().polls).dump() ==
             R"({"sent":12,"by_status":{"200":7,"404":1,"429":3},"rate_limited":3,"failed":2})");
  BOOST_TEST(events_json(events).dump() ==
             R"({"news":1,"no_news":20,"proofs":300,"early":4000,"unproven":50000,"malformed":600000})");
}

BOOST_AUTO_TEST_CASE(without_any_there_is_an_object_or_null) {
  BOOST_TEST(polls_json({}).dump() == R"({"sent":0,"by_status":{},"rate_limited":0,"failed":0})");
  BOOST_TEST(events_json({}).dump() == "null");
}

BOOST_AUTO_TEST_CASE(people_read_what_was_asked_and_what_came) {
  following f;
  BOOST_TEST(following_text(f).empty());
  f.polls.sent = 1;
  BOOST_TEST(following_text(f) == "1 request about conversions");
  f.events = track::event_counts{.news = 30, .no_news = 4, .proofs = 2, .early = 1};
  BOOST_TEST(following_text(f) == "1 request and 37 events about conversions");
  f.polls.sent = 1200;
  f.events->unproven = 1;
  BOOST_TEST(following_text(f) == "1,200 requests and 37 events about conversions, 1 event refused");
  f.events->malformed = 1;
  BOOST_TEST(following_text(f) == "1,200 requests and 37 events about conversions, 2 events refused");
  f.events = track::event_counts{.unproven = 5};
  f.polls.sent = 0;
  BOOST_TEST(following_text(f) == "0 requests and 0 events about conversions, 5 events refused");
}

BOOST_AUTO_TEST_CASE(metrics_have_each_state_and_each_kind_of_event) {
  metrics_source from;
  ledger::conversion_counts counts;
  std::uint64_t n = 0;
  for (const auto state : all_conversion_states)
    counts[state] = ++n;
  from.following = metrics_source::conversions{some(), counts};
  const auto text = metrics_text(from, {});
  const std::pair<const char*, const char*> all[]{{R"(mcbatch_conversions{state="pending"})", "1"},
                                                  {R"(mcbatch_conversions{state="processing"})", "2"},
                                                  {R"(mcbatch_conversions{state="completed"})", "3"},
                                                  {R"(mcbatch_conversions{state="failed"})", "4"},
                                                  {R"(mcbatch_conversions{state="cancelled"})", "5"},
                                                  {"mcbatch_conversion_requests_total", "12"},
                                                  {R"(mcbatch_conversion_answers_total{status="200"})", "7"},
                                                  {R"(mcbatch_conversion_answers_total{status="429"})", "3"},
                                                  {"mcbatch_missing_conversions", "1"},
                                                  {R"(mcbatch_webhook_events_total{outcome="news"})", "1"},
                                                  {R"(mcbatch_webhook_events_total{outcome="no_news"})", "20"},
                                                  {R"(mcbatch_webhook_events_total{outcome="proof"})", "300"},
                                                  {R"(mcbatch_webhook_events_total{outcome="early"})", "4000"},
                                                  {R"(mcbatch_webhook_events_total{outcome="unproven"})", "50000"},
                                                  {R"(mcbatch_webhook_events_total{outcome="malformed"})", "600000"}};
  for (const auto& [name, value] : all)
    BOOST_TEST(sample(text, name) == value, name << " in " << text);
  BOOST_TEST(text.find("mcbatch_jobs") == std::string::npos); // nothing is submitted
}

BOOST_AUTO_TEST_CASE(metrics_tell_of_events_only_where_they_are_taken) {
  metrics_source from;
  from.following = metrics_source::conversions{some(), {}};
  from.following->how.events.reset();
  BOOST_TEST(metrics_text(from, {}).find("webhook") == std::string::npos);
  from.following.reset();
  BOOST_TEST(metrics_text(from, {}).find("conversion") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace mcbatch::report
