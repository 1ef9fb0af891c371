#define BOOST_TEST_DYN_LINK
#include <mcbatch/quota/governor.hpp>

#include <boost/test/unit_test.hpp>

using namespace mcbatch;
using namespace mcbatch::quota;
using namespace std::chrono_literals;

namespace {

constexpr instant t{1000h};

struct fixture {
  governor g{{.limits = {{100, 1min}}}, 1, random_source(1)};

  request_id leave(instant now) {
    BOOST_REQUIRE(g.admit(now).go);
    return g.leave(now).request;
  }
  void answer(request_id id, instant now) { g.apply({event_kind::answer, id, now, {}}); }
  void refuse(request_id id, instant now, rate_info rate = {}) { g.apply({event_kind::refusal, id, now, rate}); }
  void must_wait_for_first(instant now) {
    const auto a = g.admit(now);
    BOOST_TEST(!a.go);
    BOOST_TEST((a.why == wait_for::first_answer));
    BOOST_TEST(!a.until);
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(one_first, fixture)

BOOST_AUTO_TEST_CASE(a_run_begins_with_one_request) {
  const auto first = leave(t);
  must_wait_for_first(t + 1s);
  answer(first, t + 2s);
  leave(t + 2s);
  leave(t + 2s);
}

BOOST_AUTO_TEST_CASE(what_becomes_of_the_first_without_an_answer_lets_another_one_go) {
  for (const auto kind : {event_kind::gave_up, event_kind::unsent}) {
    g.apply({kind, leave(t), t + 1s, {}});
    const auto again = leave(t + 1s);
    must_wait_for_first(t + 1s);
    g.apply({event_kind::unsent, again, t + 2s, {}});
  }
}

BOOST_AUTO_TEST_CASE(the_first_of_another_process_is_not_ours) {
  g.apply({event_kind::leave, {7, 1}, t, {}});
  g.apply({event_kind::answer, {7, 1}, t, {}});
  leave(t);
  must_wait_for_first(t);
}

BOOST_AUTO_TEST_CASE(after_a_pause_one_goes_first_whatever_was_still_out_when_it_began) {
  for (int i = 0; i < 40; ++i) // so that what is left of the limit after the 429 is more than one
    answer(leave(t), t);
  const auto refused = leave(t + 1s), accepted_late = leave(t + 1s), answered_later = leave(t + 1s);
  refuse(refused, t + 2s, {.retry_after = 70s});
  const auto paused = g.admit(t + 2s);
  BOOST_TEST((paused.why == wait_for::pause));
  BOOST_REQUIRE(paused.until);
  answer(accepted_late, t + 3s); // it left before the pause: it proves nothing
  const auto opens = *g.admit(t + 3s).until;
  must_wait_for_first(opens); // one is out
  answer(answered_later, opens);
  const auto first = leave(opens);
  must_wait_for_first(opens);
  answer(first, opens + 1s);
  leave(opens + 1s);
  leave(opens + 1s);
}

BOOST_AUTO_TEST_CASE(another_processes_429_pauses_us) {
  answer(leave(t), t);
  g.apply({event_kind::leave, {7, 1}, t, {}});
  g.apply({event_kind::refusal, {7, 1}, t + 1s, {.retry_after = 10s}});
  BOOST_TEST((g.admit(t + 2s).why == wait_for::pause));
  leave(*g.admit(t + 2s).until);
  must_wait_for_first(t + 1h);
}

BOOST_AUTO_TEST_SUITE_END()
