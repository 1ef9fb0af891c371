#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "cli/support.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <csignal>
#include <thread>

namespace mcbatch::tests {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr std::size_t runs = 4;
constexpr std::size_t jobs_of_each = 2000; // more than can go

/// What the service accepted of each run's jobs.
struct sent {
  std::array<double, runs> by_run{};
  [[nodiscard]] double total() const {
    double all = 0;
    for (const auto one : by_run)
      all += one;
    return all;
  }
};

sent accepted_between(const world& w, clock::time_point from, clock::time_point to) {
  sent s;
  for (const auto& line : w.server().journal_lines()) {
    const auto job = nlohmann::json::parse(line);
    const clock::time_point at{std::chrono::nanoseconds(job["mono_ns"].get<std::int64_t>())};
    if (at < from || at >= to) continue;
    const auto url = job["output_url"].get<std::string>();
    const auto number = std::stoul(url.substr(url.rfind('/') + 1));
    ++s.by_run[number / jobs_of_each];
  }
  return s;
}

/// Within a tenth: a mere race for each token comes within a fifth by luck too often to tell it from turns.
void is_even_among(const sent& s, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    BOOST_TEST_MESSAGE("run " << i << ": " << s.by_run[i]);
    const auto even = s.total() / static_cast<double>(n);
    BOOST_TEST(std::abs(s.by_run[i] - even) <= 0.1 * even,
               "run " << i << " sent " << s.by_run[i] << " of " << s.total());
  }
}

BOOST_AUTO_TEST_SUITE(cli_sharing)

/// In real time, as the program's own clocks, timers and locks are what is looked at; a window is short, for the sake
/// of that.
BOOST_AUTO_TEST_CASE(four_share_one_limit_and_three_what_a_killed_one_leaves) {
  constexpr std::size_t limit = 40;
  constexpr auto window = 2s;
  const world w({.limits = {{limit, window}}});
  std::array<std::unique_ptr<mcbatch_process>, runs> all;
  for (std::size_t i = 0; i < runs; ++i) {
    const auto manifest = w.dir / ("m" + std::to_string(i) + ".jsonl");
    write_file(manifest, entries(i * jobs_of_each, (i + 1) * jobs_of_each));
    all[i] = w.start({"submit", manifest, "--summary", "json", "--limit", "40/2s", "--timeout", "2s"});
  }
  const auto have_all_begun = [&] {
    const auto s = accepted_between(w, clock::time_point::min(), clock::time_point::max());
    return std::ranges::all_of(s.by_run, [](double n) { return n > 0; });
  };
  for (int i = 0; i < 1000 && !have_all_begun(); ++i)
    std::this_thread::sleep_for(10ms);
  BOOST_TEST_REQUIRE(have_all_begun());

  // Who begins first has the first window to itself.
  std::this_thread::sleep_for(window);
  const auto from = clock::now();
  std::this_thread::sleep_for(4 * window);
  const auto kill = clock::now();
  all.back()->signal(SIGKILL);
  // What it had in flight counts for its timeout and a window more.
  std::this_thread::sleep_for(2 * window);
  const auto alone = clock::now();
  std::this_thread::sleep_for(4 * window);
  const auto end = clock::now();

  BOOST_TEST(all.back()->wait().signal == SIGKILL);
  double submitted = 0;
  for (std::size_t i = 0; i + 1 < runs; ++i) {
    all[i]->signal(SIGTERM);
    const auto run = all[i]->wait();
    BOOST_TEST(run.code == 75, run.err);
    submitted += run.json()["jobs"]["submitted"].get<double>();
  }
  BOOST_TEST(w.server().refused() == 0);
  const auto counted = w.server().counted();
  for (std::size_t i = limit; i < counted.size(); ++i)
    BOOST_TEST((counted[i] - counted[i - limit]).count() >= duration(window).count());

  const auto whole = accepted_between(w, clock::time_point::min(), clock::time_point::max());
  BOOST_TEST(submitted == whole.total() - whole.by_run.back());
  const auto four = accepted_between(w, from, kill), three = accepted_between(w, alone, end);
  is_even_among(four, 4);
  is_even_among(three, 3);
  BOOST_TEST(three.by_run.back() == 0);
  for (const auto& s : {four, three}) // four windows each, of which the machine may be late for some
    BOOST_TEST(s.total() >= 0.9 * 4 * limit);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace mcbatch::tests
