#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "whole_runs/world.hpp"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

// The checker is worth something if it finds what is wrong: three of the field's commonest mistakes, each made by what
// is wrapped around the program.

namespace mcbatch::whole_runs {
namespace {

namespace asio = boost::asio;
using answer = awaitable<net::exchange_result>;

constexpr std::uint64_t seeds = 1000;

/// The first seed that shows it, and what the checker says of it.
struct finding {
  std::uint64_t seed = 0;
  std::string sentence;
};

finding find(const breakage& b, const std::string& words) {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed)
    for (const auto& sentence : play(plan_of(seed), b).violations)
      if (sentence.find(words) != std::string::npos) return {seed, sentence};
  return {};
}

void must_be_found(const breakage& b, const std::string& words) {
  const auto found = find(b, words);
  BOOST_TEST(found.seed != 0U, "nothing was found in " << seeds << " seeds");
  BOOST_TEST_MESSAGE("seed " << found.seed << ": " << found.sentence);
}

/// A transport made of another; it lives as long as its function does.
template <class Transport, class... Argument>
wrapper around_each(Argument... argument) {
  return [=](api::transport inner) -> api::transport {
    const auto made = std::make_shared<Transport>(std::move(inner), argument...);
    return [made](request r, net::before_send ready) { return made->exchange(std::move(r), std::move(ready)); };
  };
}

/// Sends first, and lets the intent be committed then.
struct intent_after_send {
  api::transport inner;

  answer exchange(request r, net::before_send ready) {
    auto result = co_await inner(std::move(r), net::before_send());
    if (ready) co_await ready();
    co_return result;
  }
};

/// Sends again what met a broken connection, as some HTTP clients do by themselves.
struct retry_on_reset {
  api::transport inner;

  answer exchange(request r, net::before_send ready) {
    auto result = co_await inner(r, std::move(ready));
    if (!result && result.error().byte_left && result.error().why.code == errc::broken_exchange)
      co_return co_await inner(std::move(r), net::before_send());
    co_return result;
  }
};

/// A bucket that is full at the start and fills again evenly, in place of the program's own quota.
struct full_bucket {
  api::transport inner;
  quota::limit limit;
  double tokens = static_cast<double>(limit.requests);
  std::chrono::steady_clock::time_point since = std::chrono::steady_clock::now();

  bool take() {
    const auto now = std::chrono::steady_clock::now();
    const auto most = static_cast<double>(limit.requests);
    tokens = std::min(most, tokens + most * static_cast<double>((now - since).count()) /
                                         static_cast<double>(limit.window.count()));
    since = now;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  }

  answer exchange(request r, net::before_send ready) {
    steady_timer timer(co_await asio::this_coro::executor);
    while (!take()) {
      timer.expires_after(limit.window / static_cast<long>(limit.requests) / 4);
      co_await timer.async_wait(use_awaitable);
    }
    co_return co_await inner(std::move(r), std::move(ready));
  }
};

BOOST_AUTO_TEST_SUITE(breakages)

BOOST_AUTO_TEST_CASE(an_intent_that_is_committed_after_sending_is_found) {
  must_be_found({around_each<intent_after_send>()}, "was accepted, and is pending");
}

BOOST_AUTO_TEST_CASE(a_retry_after_a_reset_is_found) {
  must_be_found({around_each<retry_on_reset>()}, "was accepted 2 times");
}

BOOST_AUTO_TEST_CASE(a_bucket_that_starts_full_and_refills_is_found) {
  // The window of each plan is another one; the wrapper has to know it.
  finding found;
  for (std::uint64_t seed = 1; seed <= seeds && found.seed == 0; ++seed) {
    const auto plan = plan_of(seed);
    const auto& burst = plan.service.limits.front();
    const quota::limit limit{burst.requests, burst.window};
    for (const auto& sentence : play(plan, {around_each<full_bucket>(limit), true}).violations)
      if (sentence.find("more than the limit") != std::string::npos) found = {seed, sentence};
  }
  BOOST_TEST(found.seed != 0U, "nothing was found in " << seeds << " seeds");
  BOOST_TEST_MESSAGE("seed " << found.seed << ": " << found.sentence);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace mcbatch::whole_runs
