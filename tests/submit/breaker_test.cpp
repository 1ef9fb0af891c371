#define BOOST_TEST_DYN_LINK
#include <mcbatch/submit/backoff.hpp>
#include <mcbatch/submit/breaker.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <vector>

using namespace mcbatch;
using namespace mcbatch::submit;
using namespace std::chrono_literals;
using state = breaker::state;

namespace {

constexpr instant t{1000h};

struct fixture {
  breaker b{random_source(1)};

  void open(instant now = t) {
    for (int i = 0; i < 5; ++i)
      b.on_unknown(now, false);
  }
  void probe(instant now, bool answers) {
    b.on_probe_sent();
    b.on_probe(now, answers);
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(breaker_, fixture)

BOOST_AUTO_TEST_CASE(opens_after_a_row_of_unknown_outcomes) {
  for (int i = 0; i < 4; ++i)
    b.on_unknown(t, false);
  BOOST_TEST((b.current() == state::closed));
  b.on_unknown(t, false);
  BOOST_TEST((b.current() == state::open));
  BOOST_TEST((b.next_probe() <= t + 1s));
}

BOOST_AUTO_TEST_CASE(whatever_tells_something_breaks_the_row) {
  for (const bool accepted : {false, true}) {
    breaker one(random_source(1));
    for (int i = 0; i < 20; ++i) {
      if (i % 4 == 0) accepted ? one.on_accepted(false) : one.on_settled();
      one.on_unknown(t, false);
      BOOST_TEST((one.current() == state::closed));
    }
  }
}

BOOST_AUTO_TEST_CASE(probes_until_the_service_answers_and_then_lets_one_go_alone) {
  open();
  probe(t + 1s, false);
  BOOST_TEST((b.current() == state::open));
  probe(t + 2s, true);
  BOOST_TEST((b.current() == state::half_open));
  b.on_unknown(t + 3s, false); // one that left before
  BOOST_TEST((b.current() == state::half_open));
  b.on_unknown(t + 4s, true);
  BOOST_TEST((b.current() == state::open));
  probe(t + 5s, true);
  b.on_accepted(true);
  BOOST_TEST((b.current() == state::closed));
}

BOOST_AUTO_TEST_CASE(what_left_before_the_outage_proves_nothing) {
  open();
  b.on_accepted(false);
  b.on_settled();
  BOOST_TEST((b.current() == state::open));
  BOOST_TEST(b.outage_since().has_value());
}

BOOST_AUTO_TEST_CASE(backs_off_ever_longer_up_to_a_minute_until_one_that_went_alone_is_accepted) {
  const auto longest_of = [](auto&& prepare) {
    std::vector<duration> waits;
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
      fixture f;
      f.b = breaker(random_source(seed));
      f.open();
      prepare(f);
      waits.push_back(f.b.next_probe() - t);
    }
    return std::ranges::max(waits);
  };
  BOOST_TEST((longest_of([](fixture&) {}) <= 1s));
  const auto fail = [](int times) {
    return [times](fixture& f) {
      for (int i = 0; i < times; ++i)
        f.probe(t, false);
    };
  };
  BOOST_TEST((longest_of(fail(3)) > 4s));
  BOOST_TEST((longest_of(fail(3)) <= 8s));
  BOOST_TEST((longest_of(fail(40)) > 50s));
  BOOST_TEST((longest_of(fail(40)) <= 1min));
  const auto answer_and_fail_again = [&](fixture& f) {
    fail(40)(f);
    f.probe(t, true); // the service answers, and the job that goes alone fails
    f.b.on_unknown(t, true);
  };
  BOOST_TEST((longest_of(answer_and_fail_again) > 50s));
  const auto refuse_and_fail_again = [&](fixture& f) {
    fail(40)(f);
    f.probe(t, true);
    f.b.on_settled(); // refused: that resets nothing
    f.b.on_unknown(t, true);
  };
  BOOST_TEST((longest_of(refuse_and_fail_again) > 50s));
  const auto recover = [&](fixture& f) {
    fail(40)(f);
    f.probe(t, true);
    f.b.on_settled();
    BOOST_TEST((f.b.current() == state::half_open));
    f.b.on_accepted(true);
    f.open();
  };
  BOOST_TEST((longest_of(recover) <= 1s));
}

BOOST_AUTO_TEST_CASE(an_outage_lasts_from_its_opening_until_something_is_settled) {
  for (int i = 0; i < 4; ++i)
    b.on_unknown(t, false);
  BOOST_TEST(!b.outage_since()); // a few failures and then a long wait for the quota are no outage
  b.on_unknown(t + 50min, false);
  BOOST_TEST((b.outage_since() == t + 50min));
  probe(t + 51min, true);
  b.on_unknown(t + 52min, true);
  BOOST_TEST((b.outage_since() == t + 50min)); // that it answers a probe ends none
  probe(t + 53min, true);
  b.on_settled();
  BOOST_TEST(!b.outage_since());
  b.on_unknown(t + 55min, true);
  BOOST_TEST((b.outage_since() == t + 55min));
}

BOOST_AUTO_TEST_CASE(backoff_has_full_jitter) {
  random_source random(1);
  std::vector<duration> waits;
  for (int i = 0; i < 200; ++i)
    waits.push_back(backoff(4, random));
  BOOST_TEST((std::ranges::min(waits) < 1s));
  BOOST_TEST((std::ranges::max(waits) > 7s));
  BOOST_TEST((std::ranges::max(waits) <= 8s));
  for (const auto failures : {17U, 1000U, UINT32_MAX})
    BOOST_TEST((backoff(failures, random) <= 1min));
}

BOOST_AUTO_TEST_SUITE_END()
