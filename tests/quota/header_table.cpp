#define BOOST_TEST_DYN_LINK
#include <mcbatch/quota/governor.hpp>
#include <mcbatch/quota/rate_headers.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace mcbatch;
using namespace mcbatch::quota;
using namespace std::chrono_literals;

namespace {

constexpr instant t{1000h};
constexpr duration max_backoff = 65min;
constexpr duration grace = 1s;
constexpr wall_time server_now{std::chrono::seconds(1705314600)}; // half past ten

using fields = std::vector<std::pair<const char*, std::string>>;

/// The headers of one answer of the server's, at half past ten by its clock.
headers answer_with(const fields& sent) {
  headers h;
  h.add("Date", "Mon, 15 Jan 2024 10:30:00 GMT");
  for (const auto& [name, value] : sent)
    h.add(name, value);
  return h;
}

rate_info read(const fields& sent, duration our_skew = -10min) {
  return parse_rate_headers(answer_with(sent), server_now + std::chrono::floor<wall_time::duration>(our_skew));
}

governor pro(duration longest = max_backoff) {
  return governor({.ceiling = tier::pro, .max_backoff = longest}, 1, random_source(1));
}

/// Sends a request at `now` whose 429 has these headers; how long the run waits after it.
duration refuse(governor& g, instant now, const fields& sent) {
  g.apply({event_kind::refusal, g.leave(now).request, now, read(sent)});
  return *g.admit(now).until - now;
}

/// Jitter makes a wait longer by a twentieth, five seconds at most, and nothing makes it longer than the bound.
bool is_wait(duration waited, duration asked, duration longest = max_backoff) {
  const auto least = asked + grace;
  return waited >= std::min(least, longest) && waited <= std::min(least + std::min<duration>(least / 20, 5s), longest);
}

const std::string long_nines(2000, '9');
const std::string many_fives = [] {
  std::string list = "5";
  for (int i = 0; i < 40; ++i)
    list += ", 5";
  return list;
}();

constexpr duration window = 1min; // what is waited for where the headers do not tell

struct row {
  const char* what;
  fields sent;
  duration wait; ///< before the grace and the jitter
};

const row rows[] = {
    // Nothing to go by
    {"absent", {}, window},
    {"empty", {{"X-RateLimit-Limit", ""}, {"X-RateLimit-Remaining", ""}, {"X-RateLimit-Reset", ""}}, window},
    {"an empty Retry-After", {{"Retry-After", ""}}, window},
    {"Limit and Remaining alone", {{"X-RateLimit-Limit", "200"}, {"X-RateLimit-Remaining", "0"}}, window},

    // X-RateLimit-Reset in all its forms
    {"Unix seconds", {{"X-RateLimit-Reset", "1705316400"}}, 30min},
    {"Unix seconds with spaces", {{"X-RateLimit-Reset", " 1705316400 "}}, 30min},
    {"Unix seconds in quotes", {{"X-RateLimit-Reset", "\"1705316400\""}}, 30min},
    {"Unix seconds with a fraction", {{"X-RateLimit-Reset", "1705314612.5"}}, 12500ms},
    {"Unix seconds in scientific notation", {{"X-RateLimit-Reset", "1.7053164e+09"}}, 30min},
    {"Unix milliseconds", {{"X-RateLimit-Reset", "1705316400000"}}, 30min},
    {"Unix microseconds", {{"X-RateLimit-Reset", "1705316400000000"}}, 30min},
    {"Unix nanoseconds", {{"X-RateLimit-Reset", "1705316400000000000"}}, 30min},
    {"seconds from now", {{"X-RateLimit-Reset", "42"}}, 42s},
    {"a fraction of a second from now", {{"X-RateLimit-Reset", "0.25"}}, 250ms},
    {"a date of RFC 3339", {{"X-RateLimit-Reset", "2024-01-15T10:30:42Z"}}, 42s},
    {"a date of RFC 3339 elsewhere", {{"X-RateLimit-Reset", "2024-01-15T16:00:42.5+05:30"}}, 42500ms},
    {"an HTTP-date", {{"X-RateLimit-Reset", "Mon, 15 Jan 2024 10:30:42 GMT"}}, 42s},
    {"a duration", {{"X-RateLimit-Reset", "6m0s"}}, 6min},
    {"a duration with a fraction", {{"X-RateLimit-Reset", "1m3.5s"}}, 63500ms},
    {"a duration in milliseconds", {{"X-RateLimit-Reset", "250ms"}}, 250ms},

    // What makes no sense
    {"negative", {{"X-RateLimit-Reset", "-30"}}, window},
    {"a negative Unix time", {{"X-RateLimit-Reset", "-1705316400"}}, window},
    {"a negative duration", {{"X-RateLimit-Reset", "-6m0s"}}, window},
    {"NaN", {{"X-RateLimit-Reset", "NaN"}}, window},
    {"infinity", {{"X-RateLimit-Reset", "inf"}}, window},
    {"nothing from now", {{"X-RateLimit-Reset", "0"}}, window},
    {"now", {{"X-RateLimit-Reset", "1705314600"}}, window},
    {"past", {{"X-RateLimit-Reset", "1705311000"}}, window},
    {"past, in milliseconds", {{"X-RateLimit-Reset", "1705311000000"}}, window},
    {"past, as a date", {{"X-RateLimit-Reset", "2024-01-15T09:30:00Z"}}, window},
    {"beyond a year", {{"X-RateLimit-Reset", "1799999999"}}, window},
    {"beyond a year from now", {{"X-RateLimit-Reset", "99999999"}}, window},
    {"in the year 9999", {{"X-RateLimit-Reset", "9999-12-31T23:59:59Z"}}, window},
    {"overflowing 64 bits", {{"X-RateLimit-Reset", "18446744073709551616"}}, window},
    {"overflowing a double", {{"X-RateLimit-Reset", "1e999"}}, window},
    {"of 2,000 digits", {{"X-RateLimit-Reset", long_nines}}, window},
    {"in hexadecimal", {{"X-RateLimit-Reset", "0x2a"}}, window},
    {"with thousands separators", {{"X-RateLimit-Reset", "1,705,316,400"}}, window},
    {"a date that there is not", {{"X-RateLimit-Reset", "2024-02-30T10:30:42Z"}}, window},
    {"a word", {{"X-RateLimit-Reset", "soon"}}, window},

    // Far away, yet within a year
    {"an hour", {{"X-RateLimit-Reset", "3600"}}, 1h},
    {"a day is cut to the user's bound", {{"X-RateLimit-Reset", "86400"}}, 24h},
    {"so is a month", {{"X-RateLimit-Reset", "1708000000"}}, 24h * 30},

    // Retry-After wins
    {"Retry-After in seconds", {{"Retry-After", "20"}}, 20s},
    {"with a fraction", {{"Retry-After", "1.5"}}, 1500ms},
    {"as a date", {{"Retry-After", "Mon, 15 Jan 2024 10:30:20 GMT"}}, 20s},
    {"as a date of RFC 850", {{"Retry-After", "Monday, 15-Jan-24 10:30:20 GMT"}}, 20s},
    {"as a date of asctime", {{"Retry-After", "Mon Jan 15 10:30:20 2024"}}, 20s},
    {"of nothing: a second all the same", {{"Retry-After", "0"}}, 0s},
    {"as a date that is now", {{"Retry-After", "Mon, 15 Jan 2024 10:30:00 GMT"}}, 0s},
    {"as a past date: left out", {{"Retry-After", "Mon, 15 Jan 2024 10:29:00 GMT"}}, window},
    {"negative: left out", {{"Retry-After", "-20"}}, window},
    {"malformed, so that Reset counts", {{"Retry-After", "later"}, {"X-RateLimit-Reset", "42"}}, 42s},
    {"over a longer Reset", {{"Retry-After", "20"}, {"X-RateLimit-Reset", "1705316400"}}, 20s},
    {"over a shorter Reset", {{"Retry-After", "20"}, {"X-RateLimit-Reset", "5"}}, 20s},
    {"over a window of which nothing remains", {{"Retry-After", "20"}, {"RateLimit", "\"a\";r=0;t=50"}}, 20s},
    {"the longest, where it is repeated", {{"Retry-After", "5"}, {"Retry-After", "20"}, {"Retry-After", "x"}}, 20s},
    {"a day, cut to the user's bound", {{"Retry-After", "86400"}}, 24h},

    // A window that has room did not refuse
    {"the minute's 429 with the hour's headers",
     {{"X-RateLimit-Limit", "10000"}, {"X-RateLimit-Remaining", "4000"}, {"X-RateLimit-Reset", "1705317000"}},
     window},
    {"the hour's own 429",
     {{"X-RateLimit-Limit", "10000"}, {"X-RateLimit-Remaining", "0"}, {"X-RateLimit-Reset", "1705317000"}},
     40min},
    {"an overdrawn one",
     {{"X-RateLimit-Limit", "10000"}, {"X-RateLimit-Remaining", "-3"}, {"X-RateLimit-Reset", "1705317000"}},
     40min},
    {"no limit, and a Reset", {{"X-RateLimit-Limit", "unlimited"}, {"X-RateLimit-Reset", "1705317000"}}, window},
    {"no limit by zeros, and a Reset",
     {{"X-RateLimit-Limit", "0"}, {"X-RateLimit-Remaining", "0"}, {"X-RateLimit-Reset", "1705317000"}},
     40min},

    // Other names
    {"X-Rate-Limit", {{"X-Rate-Limit-Remaining", "0"}, {"X-Rate-Limit-Reset", "42"}}, 42s},
    {"RateLimit-Reset", {{"RateLimit-Limit", "10"}, {"RateLimit-Remaining", "0"}, {"RateLimit-Reset", "42"}}, 42s},
    {"names in whatever case", {{"x-RATELIMIT-reset", "42"}}, 42s},
    {"the documented names first", {{"RateLimit-Reset", "42"}, {"X-RateLimit-Reset", "50"}}, 50s},
    {"others where the documented ones make no sense", {{"RateLimit-Reset", "42"}, {"X-RateLimit-Reset", "-1"}}, 42s},

    // Lists with windows
    {"an old draft's list",
     {{"RateLimit-Limit", "5, 60;w=60, 5;w=1"}, {"RateLimit-Remaining", "0"}, {"RateLimit-Reset", "1"}},
     1s},
    {"a list under the documented name",
     {{"X-RateLimit-Limit", "200, 200;w=60, 10000;w=3600"},
      {"X-RateLimit-Remaining", "0"},
      {"X-RateLimit-Reset", "42"}},
     42s},
    {"lists of one length, each a window",
     {{"X-RateLimit-Limit", "200, 10000"}, {"X-RateLimit-Remaining", "0, 4000"}, {"X-RateLimit-Reset", "42, 2400"}},
     42s},
    {"fields that are repeated, each a window",
     {{"X-RateLimit-Limit", "10000"},
      {"X-RateLimit-Remaining", "4000"},
      {"X-RateLimit-Reset", "2400"},
      {"X-RateLimit-Limit", "200"},
      {"X-RateLimit-Remaining", "0"},
      {"X-RateLimit-Reset", "42"}},
     42s},
    {"fields that are repeated as they are", {{"X-RateLimit-Reset", "42"}, {"X-RateLimit-Reset", "42"}}, 42s},
    {"fields that contradict each other", {{"X-RateLimit-Reset", "42"}, {"X-RateLimit-Reset", "2400"}}, window},
    {"repeated dates",
     {{"X-RateLimit-Reset", "Mon, 15 Jan 2024 10:30:42 GMT"}, {"X-RateLimit-Reset", "Mon, 15 Jan 2024 10:30:42 GMT"}},
     42s},
    // The newer drafts
    {"one header", {{"RateLimit", "limit=100, remaining=0, reset=42"}}, 42s},
    {"one header of a window that has room", {{"RateLimit", "limit=100, remaining=50, reset=42"}}, window},
    {"one header with other members", {{"RateLimit", "x=1, Reset=42, y, limit=\"q\""}}, 42s},
    {"an item", {{"RateLimit", "\"default\";r=0;t=42"}, {"RateLimit-Policy", "\"default\";q=100;w=60"}}, 42s},
    {"an item without its policy", {{"RateLimit", "\"default\";r=0;t=42"}}, 42s},
    {"an item with a token for its name", {{"RateLimit", "default;r=0;t=42"}}, 42s},
    {"an item that has room", {{"RateLimit", "\"default\";r=50;t=42"}}, window},
    {"several, of which one is used up", {{"RateLimit", "\"m\";r=0;t=42, \"h\";r=900;t=1800"}}, 42s},
    {"several, of which two are used up", {{"RateLimit", "\"m\";r=0;t=42, \"h\";r=0;t=1800, \"s\";r=1;t=1"}}, 30min},
    {"several fields", {{"RateLimit", "\"m\";r=0;t=42"}, {"RateLimit", "\"h\";r=900;t=1800"}}, 42s},
    {"commas, semicolons and quotes in a name", {{"RateLimit", "\"a,b;r=1;\\\"\";r=0;t=42"}}, 42s},
    {"the bytes' window, which refuses too",
     {{"RateLimit", "\"b\";r=0;t=42"}, {"RateLimit-Policy", "\"b\";q=65535;qu=\"content-bytes\";w=60"}},
     42s},
    {"the one that is used up, beside documented ones that are not",
     {{"X-RateLimit-Limit", "10000"},
      {"X-RateLimit-Remaining", "4000"},
      {"X-RateLimit-Reset", "2400"},
      {"RateLimit", "\"m\";r=0;t=42"}},
     42s},
    {"an item without end", {{"RateLimit", "\"default;r=0;t=42"}}, window},
    {"an item with a negative time", {{"RateLimit", "\"default\";r=0;t=-42"}}, window},
    {"an item whose time is nonsense", {{"RateLimit", "\"default\";r=0;t=\"\";=;;t"}}, window},
    {"commas alone", {{"RateLimit", ",,,"}, {"RateLimit-Policy", ";;;"}}, window},
};

} // namespace

BOOST_AUTO_TEST_SUITE(header_table)

BOOST_AUTO_TEST_CASE(each_429_is_waited_for_as_its_headers_say) {
  static_assert(std::size(rows) >= 60);
  for (const auto& [what, sent, wait] : rows) {
    auto g = pro();
    const auto waited = refuse(g, t, sent);
    BOOST_TEST(is_wait(waited, wait), what << ": waited " << waited / 1ms << " ms");
    auto impatient = pro(10s);
    BOOST_TEST(is_wait(refuse(impatient, t, sent), wait, 10s), what);
  }
}

BOOST_AUTO_TEST_CASE(our_own_clock_does_not_matter) {
  for (const auto& [what, sent, wait] : rows)
    for (const duration skew : {duration(0s), duration(24h * 4000), duration(-24h * 4000), duration(-7s)})
      BOOST_TEST((read(sent, skew) == read(sent)), what);
}

// Where it has no Date, ours stands in.
BOOST_AUTO_TEST_CASE(an_answer_without_a_date_is_judged_by_our_clock) {
  headers h;
  h.add("X-RateLimit-Reset", "1705314642");
  BOOST_TEST((parse_rate_headers(h, server_now - 5s).reset_in == 47s));
  h.add("Date", "Monday, 15-Jan-24 10:30:00 GMT");
  BOOST_TEST((parse_rate_headers(h, server_now - 5s).reset_in == 42s));
}

BOOST_AUTO_TEST_CASE(of_several_windows_the_longest_up_to_an_hour_is_described) {
  struct described_row {
    const char* what;
    fields sent;
    rate_info read;
  };
  const described_row table[] = {
      {"the documented example",
       {{"X-RateLimit-Limit", "1000"}, {"X-RateLimit-Remaining", "956"}, {"X-RateLimit-Reset", "1705316400"}},
       {.limit = 1000, .remaining = 956, .reset_in = 30min, .reset_at = 1705316400}},
      {"an old draft's list: Remaining is of its first",
       {{"RateLimit-Limit", "5, 60;w=60, 5;w=1"}, {"RateLimit-Remaining", "4"}, {"RateLimit-Reset", "1"}},
       {.limit = 5, .remaining = 4, .reset_in = 1s, .window = 1s}},
      {"a list whose first is of two windows",
       {{"RateLimit-Limit", "60, 60;w=60, 60;w=3600"}, {"RateLimit-Remaining", "4"}, {"RateLimit-Reset", "1"}},
       {.limit = 60, .remaining = 4, .reset_in = 1s}},
      {"a list of which nothing tells what is meant",
       {{"X-RateLimit-Limit", "100, 50"}, {"X-RateLimit-Remaining", "49"}, {"X-RateLimit-Reset", "42"}},
       {.remaining = 49, .reset_in = 42s}},
      {"lists of one length",
       {{"X-RateLimit-Limit", "200;w=60, 10000;w=3600"},
        {"X-RateLimit-Remaining", "150, 4000"},
        {"X-RateLimit-Reset", "42, 40"}},
       {.limit = 10000, .remaining = 4000, .reset_in = 40s, .window = 1h}},
      {"thousands apart by commas are no lists",
       {{"X-RateLimit-Limit", "10,000"}, {"X-RateLimit-Remaining", "9,500"}, {"X-RateLimit-Reset", "1,800"}},
       {}},
      {"the policy of another field",
       {{"X-RateLimit-Limit", "1000"},
        {"X-RateLimit-Remaining", "956"},
        {"X-RateLimit-Reset", "42"},
        {"RateLimit-Policy", "50;w=60, 1000;w=3600;comment=\"the hour\""}},
       {.limit = 1000, .remaining = 956, .reset_in = 42s, .window = 1h}},
      {"one header and its policy",
       {{"RateLimit", "limit=100, remaining=50, reset=5"}, {"RateLimit-Policy", "100;w=60"}},
       {.limit = 100, .remaining = 50, .reset_in = 5s, .window = 1min}},
      {"items and their policies",
       {{"RateLimit", "\"hour\";r=900;t=42, \"burst\";r=0;t=50"},
        {"RateLimit-Policy", "\"burst\";q=50;w=60;pk=:cHJv:,\"hour\";q=1000;w=3600"}},
       {.limit = 1000, .remaining = 900, .reset_in = 42s, .window = 1h, .exhausted_for = 50s}},
      {"the day's is no limit that is kept here",
       {{"RateLimit", "\"day\";r=9000;t=3000, \"hour\";r=900;t=42"},
        {"RateLimit-Policy", "\"day\";q=10000;w=86400, \"hour\";q=1000;w=3600"}},
       {.limit = 1000, .remaining = 900, .reset_in = 42s, .window = 1h}},
      {"nor are bytes",
       {{"RateLimit", "\"b\";r=9;t=42"}, {"RateLimit-Policy", "\"b\";q=1000;qu=\"content-bytes\";w=3600"}},
       {.remaining = 9, .reset_in = 42s}},
      {"policies of nothing, negative or endless",
       {{"RateLimit", "\"a\";r=9;t=42, \"b\";r=8;t=43, \"c\";r=7;t=44"},
        {"RateLimit-Policy", "\"a\";q=0;w=0, \"b\";q=-5;w=-60, \"c\";q=1.5;w=99999999999"}},
       {.remaining = 7, .reset_in = 44s}},
      {"more members, or more of one, than any sane list has",
       {{"X-RateLimit-Limit", many_fives}, {"X-RateLimit-Remaining", "5;c=" + long_nines}, {"X-RateLimit-Reset", "42"}},
       {.reset_in = 42s}},
      {"the first family that tells all",
       {{"X-RateLimit-Limit", "1000"},
        {"RateLimit-Limit", "50"},
        {"RateLimit-Remaining", "49"},
        {"RateLimit-Reset", "42"}},
       {.limit = 50, .remaining = 49, .reset_in = 42s}},
      {"else the first that tells anything, and nothing of another",
       {{"X-RateLimit-Limit", "1000"}, {"RateLimit-Remaining", "49"}, {"RateLimit-Reset", "42"}},
       {.limit = 1000}},
  };
  for (const auto& [what, sent, expected] : table)
    BOOST_TEST((read(sent) == expected), what);
}

// A window that is told to be an hour is one, however near its end.
BOOST_AUTO_TEST_CASE(the_server_governs_a_window_that_it_tells_to_be_long) {
  for (const std::string length : {"60", "3600"}) {
    governor g({.limits = {{1, 1s}}}, 1, random_source(1)); // of which the next is free
    auto now = t;
    for (const int remaining : {2, 1, 0}) {
      const auto state = "\"it\";r=" + std::to_string(remaining) + ";t=" + std::to_string(46 + 2 * remaining);
      const auto rate = read({{"RateLimit", state}, {"RateLimit-Policy", "\"it\";q=3;w=" + length}});
      g.apply({event_kind::answer, g.leave(now).request, now, rate});
      now += 2s;
    }
    BOOST_TEST(g.admit(now).go == (length == "60"), "w=" << length);
  }
}

// Each answer may be of the other window, in any order, and an old one may come last.
BOOST_AUTO_TEST_CASE(answers_that_switch_between_the_minute_and_the_hour_are_waited_for_each_by_its_own_word) {
  const fields minute{{"X-RateLimit-Limit", "200"}, {"X-RateLimit-Remaining", "0"}, {"X-RateLimit-Reset", "20"}};
  const fields hour{{"X-RateLimit-Limit", "10000"}, {"X-RateLimit-Remaining", "0"}, {"X-RateLimit-Reset", "1200"}};
  const fields has_room{{"X-RateLimit-Limit", "10000"}, {"X-RateLimit-Remaining", "77"}, {"X-RateLimit-Reset", "1200"}};
  const fields stale{{"X-RateLimit-Limit", "200"}, {"X-RateLimit-Remaining", "9"}, {"X-RateLimit-Reset", "1705314590"}};
  auto g = pro();
  auto now = t;
  const auto refused_wait = [&](const fields& sent) {
    const auto waited = refuse(g, now, sent);
    now += waited;
    BOOST_TEST(g.admit(now).go);
    return waited;
  };
  BOOST_TEST(is_wait(refused_wait(minute), 20s));
  BOOST_TEST(is_wait(refused_wait(hour), 20min));
  BOOST_TEST(is_wait(refused_wait(minute), 20s));
  BOOST_TEST(is_wait(refused_wait(stale), window));
  BOOST_TEST(is_wait(refused_wait(has_room), window));
  BOOST_TEST(is_wait(refused_wait(stale), window));
  BOOST_TEST(is_wait(refused_wait(has_room), 20min)); // another window was not it
  BOOST_TEST(is_wait(refused_wait(minute), 60s));     // refused eight times in a row: once a window

  // Two were out; the hour's answer was sent first and comes last.
  g.apply({event_kind::answer, g.leave(now).request, now, read(minute)});
  const auto first = g.leave(now).request, second = g.leave(now).request;
  g.apply({event_kind::refusal, second, now + 1s, read(minute)});
  const auto until = *g.admit(now + 1s).until;
  BOOST_TEST(is_wait(until - (now + 1s), 20s));
  g.apply({event_kind::refusal, first, now + 2s, read(hour)});
  BOOST_TEST(is_wait(*g.admit(now + 2s).until - (now + 2s), 20min)); // it holds as well
}

// What they tell of others is obeyed for as long as it may be true, and no token of the minute's is used twice.
BOOST_AUTO_TEST_CASE(answers_that_switch_neither_stall_the_run_nor_speed_it_up) {
  auto g = pro();
  auto now = t;
  std::vector<instant> left;
  while (now < t + 10min) {
    const auto a = g.admit(now);
    if (!a.go) {
      BOOST_REQUIRE((a.until && *a.until > now && *a.until - now <= 80s));
      now = *a.until;
      continue;
    }
    const auto id = g.leave(now).request;
    left.push_back(now);
    const auto n = left.size();
    const auto in_hour = std::to_string(2400 - (now - t) / 1s);
    const auto in_minute = std::to_string(60 - (now - t) / 1s % 60);
    const auto rate = n % 2 == 0 ? read({{"X-RateLimit-Limit", "10000"},
                                         {"X-RateLimit-Remaining", std::to_string(9000 - n)},
                                         {"X-RateLimit-Reset", n % 7 == 0 ? "3" : in_hour}})
                                 : read({{"X-RateLimit-Limit", "200"},
                                         {"X-RateLimit-Remaining", std::to_string(n % 5 == 0 ? 0 : 200 - n % 200)},
                                         {"X-RateLimit-Reset", in_minute}});
    g.apply({event_kind::answer, id, now, rate});
  }
  BOOST_TEST(left.size() >= 40U);
  BOOST_TEST(left.size() <= 2000U);
  for (std::size_t i = 200; i < left.size(); ++i)
    BOOST_REQUIRE((left[i] - left[i - 200] >= 1min));
}

BOOST_AUTO_TEST_SUITE_END()
