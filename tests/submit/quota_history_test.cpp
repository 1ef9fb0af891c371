#define BOOST_TEST_DYN_LINK
#include "submit/quota_history.hpp"

#include <mcbatch/quota/governor.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <vector>

using namespace mcbatch;
using namespace mcbatch::submit;
using namespace std::chrono_literals;
using quota::event;
using quota::event_kind;

namespace {

constexpr instant start{1000h};
constexpr std::uint64_t busy = 1, other = 2;
constexpr quota::limit a_million{1'000'000, 1h};

quota::governor governor() {
  return {{.limits = {a_million}, .max_backoff = 1min}, 9, random_source(1)};
}

quota::governor governor_of(const std::vector<event>& events) {
  auto g = governor();
  for (const auto& e : events)
    g.apply(e);
  return g;
}

/// How many of the million are spent at `now`, by when the next would be free if so many were all: found by bisection.
std::uint64_t spent(const quota::governor& g, instant now) {
  std::uint64_t low = 0, high = a_million.requests - 1;
  while (low < high) {
    const auto middle = (low + high) / 2;
    auto tried = g;
    const auto fill = a_million.requests - 1 - middle;
    tried.apply({event_kind::over, {77, a_million.requests}, now, {}, {}, fill});
    tried.admit(now).go ? high = middle : low = middle + 1;
  }
  return low;
}

struct history {
  std::vector<event> events;
  std::uint64_t serial = 0;
  instant now = start;

  quota::request_id leave(std::uint64_t process = busy) {
    events.push_back({event_kind::leave, {process, ++serial}, now, {}, 30s});
    return events.back().request;
  }
  void end(quota::request_id id, event_kind kind = event_kind::answer) { events.push_back({kind, id, now, {}}); }

  /// So many, two in flight at a time, a millisecond after the other.
  void requests(int n) {
    auto before = leave();
    for (int i = 1; i < n; ++i) {
      now += 1ms;
      const auto id = leave();
      end(before);
      before = id;
    }
    end(before);
  }
};

bool is_there(const std::vector<event>& events, quota::request_id id, event_kind kind) {
  return std::ranges::any_of(events, [&](const event& e) { return e.request == id && e.kind == kind; });
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(quota_history, history)

BOOST_AUTO_TEST_CASE(some_thousand_requests_are_kept_as_they_were) {
  requests(10'000);
  const auto kept = what_matters(events, start - 1h);
  BOOST_TEST(kept.size() == events.size());
  BOOST_TEST(std::ranges::equal(kept, events, [](const event& a, const event& b) {
    return a.kind == b.kind && a.request == b.request && a.at == b.at;
  }));
}

BOOST_AUTO_TEST_CASE(a_hundred_thousand_requests_are_all_counted_in_few_events) {
  requests(100'000);
  auto kept = what_matters(events, start - 1h);
  BOOST_TEST(kept.size() < 40'000U);
  BOOST_TEST(spent(governor_of(kept), now) == 100'000U);
  // Those that are over for an hour come back, not one of them too early and none much too late.
  const auto middle = start + 50s + 1h + 2s; // the window is kept a little longer
  BOOST_TEST(spent(governor_of(kept), middle) >= spent(governor_of(events), middle));
  BOOST_TEST(spent(governor_of(kept), middle) <= spent(governor_of(events), middle) + 100);
  // Done again with more, nothing is lost either.
  events = kept;
  requests(100'000);
  kept = what_matters(events, start - 1h);
  BOOST_TEST(kept.size() < 40'000U);
  BOOST_TEST(spent(governor_of(kept), now) == 200'000U);
}

BOOST_AUTO_TEST_CASE(who_knows_a_part_of_them_counts_none_twice) {
  requests(60'000);
  auto reader = governor_of(events);
  requests(60'000);
  for (const auto& e : what_matters(events, start - 1h))
    reader.apply(e);
  BOOST_TEST(spent(reader, now) == 120'000U);
}

BOOST_AUTO_TEST_CASE(what_did_not_leave_is_not_counted) {
  for (int i = 0; i < 100; ++i)
    end(leave(), event_kind::unsent);
  requests(60'000);
  BOOST_TEST(spent(governor_of(what_matters(events, start - 1h)), now) == 60'000U);
}

BOOST_AUTO_TEST_CASE(what_was_given_up_on_stays_itself_while_it_may_be_counted) {
  const auto lost = leave();
  end(lost, event_kind::gave_up);
  requests(20'000); // within its 30 s
  BOOST_TEST(is_there(what_matters(events, start - 1h), lost, event_kind::gave_up));
  requests(20'000);
  const auto kept = what_matters(events, start - 1h);
  BOOST_TEST(!is_there(kept, lost, event_kind::gave_up));
  BOOST_TEST(spent(governor_of(kept), now) == 40'001U);
}

BOOST_AUTO_TEST_CASE(what_is_in_flight_or_was_refused_stays_itself) {
  const auto lasting = leave();
  const auto refused = leave(other);
  requests(20'000);
  end(refused, event_kind::refusal);
  requests(40'000);
  const auto kept = what_matters(events, start - 1h);
  BOOST_TEST(is_there(kept, lasting, event_kind::leave));
  BOOST_TEST(is_there(kept, refused, event_kind::leave));
  BOOST_TEST(is_there(kept, refused, event_kind::refusal));
  const auto g = governor_of(kept);
  BOOST_TEST(g.in_flight().size() == 1U);
  BOOST_TEST(g.in_flight().begin()->first.serial == lasting.serial);
  BOOST_TEST((g.admit(now).why == quota::wait_for::pause)); // as a refusal asks
}

BOOST_AUTO_TEST_CASE(the_old_ones_are_forgotten_summed_or_not) {
  requests(100'000);
  events = what_matters(events, start - 1h);
  now += 2h;
  requests(10);
  const auto kept = what_matters(events, now - 1h);
  BOOST_TEST(kept.size() == 20U);
}

BOOST_AUTO_TEST_SUITE_END()
