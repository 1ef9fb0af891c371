#define BOOST_TEST_DYN_LINK
#include "submit/temporary_folder.hpp"

#include <mcbatch/submit/account.hpp>
#include <mcbatch/submit/clocks.hpp>

#include <boost/test/unit_test.hpp>

#include <csignal>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace mcbatch;
using namespace mcbatch::submit;
using namespace std::chrono_literals;
using quota::wait_for;

namespace {

constexpr now_pair start{instant(1000h), wall_time(std::chrono::seconds(1705314600))};

now_pair at(duration d) {
  return {start.mono + d, start.wall + std::chrono::floor<wall_time::duration>(d)};
}

reply ok() {
  return {.status = 201, .fields = {}, .body = {}};
}

struct fixture {
  test::temporary_folder folder;
  std::filesystem::path path = folder.path() / "account";
  quota::governor_settings settings{.limits = {{4, 1min}}};

  account open(now_pair now = start) {
    auto opened = account::open(path, settings, random_source(1), now);
    BOOST_REQUIRE_MESSAGE(opened, opened.error().what);
    return std::move(opened).value();
  }
  /// Whoever is killed destroys nothing.
  account& open_for_ever() { return *new account(account::open(path, settings, random_source(1), start).value()); }

  static quota::request_id leave(account& a, now_pair now) {
    quota::request_id id;
    const auto admission = a.try_leave(now, id);
    BOOST_REQUIRE(admission.go);
    return id;
  }
  /// Sends as many as may leave, each answered at once.
  static int spend(account& a, now_pair now) {
    int n = 0;
    for (quota::request_id id; a.try_leave(now, id).go; ++n)
      a.answered(id, ok(), now);
    return n;
  }
  static quota::admission refused(account& a, now_pair now) {
    quota::request_id id;
    auto admission = a.try_leave(now, id);
    BOOST_REQUIRE(!admission.go);
    return admission;
  }
};

/// A process of its own that does something and says so, and then lives until it is told to go on or is killed.
class child {
public:
  explicit child(const std::function<int()>& work) {
    int ready[2], go[2];
    BOOST_REQUIRE(::pipe(ready) == 0);
    BOOST_REQUIRE(::pipe(go) == 0);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::close(go[1]);
      const int code = work();
      char byte = 'r';
      if (::write(ready[1], &byte, 1) != 1) ::_exit(99);
      if (::read(go[0], &byte, 1) < 0) ::_exit(99);
      ::_exit(code);
    }
    ::close(ready[1]);
    ::close(go[0]);
    go_ = go[1];
    char byte{};
    BOOST_REQUIRE(::read(ready[0], &byte, 1) == 1);
    ::close(ready[0]);
  }
  child(const child&) = delete;
  child& operator=(const child&) = delete;
  ~child() { end(); }

  /// Returns when it stands still.
  void stop() const {
    ::kill(pid_, SIGSTOP);
    BOOST_REQUIRE(::waitpid(pid_, nullptr, WUNTRACED) == pid_);
  }
  void kill() {
    ::kill(pid_, SIGKILL);
    end();
  }
  int end() {
    if (pid_ <= 0) return code_;
    ::close(go_);
    ::kill(pid_, SIGCONT);
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = 0;
    return code_ = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

private:
  pid_t pid_ = 0;
  int go_ = -1, code_ = -1;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(accounts, fixture)

BOOST_AUTO_TEST_CASE(a_restart_does_not_spend_twice) {
  {
    auto first = open();
    BOOST_TEST(spend(first, start) == 4);
  }
  auto second = open(at(10s));
  const auto a = refused(second, at(10s));
  BOOST_TEST((a.why == wait_for::window));
  BOOST_REQUIRE(a.until);
  BOOST_TEST((*a.until == start.mono + quota::stretched(1min)));
  BOOST_TEST(spend(second, at(61s)) == 4);
}

BOOST_AUTO_TEST_CASE(two_at_once_share_one_limit) {
  auto one = open(), two = open();
  one.answered(leave(one, start), ok(), start);
  two.answered(leave(two, start), ok(), start);
  leave(one, start);
  const auto last = leave(two, start);
  refused(one, start);
  refused(two, start);
  two.answered(last, ok(), at(5s));
  const auto until = refused(one, at(5s)).until;
  BOOST_REQUIRE(until);
  BOOST_TEST((*until == start.mono + quota::stretched(1min)));
}

BOOST_AUTO_TEST_CASE(what_others_have_in_flight_is_looked_at_again_soon) {
  settings.limits = {{1, 1min}};
  auto one = open(), two = open();
  leave(one, start);
  const auto a = refused(two, start);
  BOOST_REQUIRE(a.until); // nothing wakes us when their answer comes
  BOOST_TEST((*a.until <= at(1s).mono));
  BOOST_TEST(!refused(one, start).until); // our own answer wakes us
}

BOOST_AUTO_TEST_CASE(one_refused_pauses_the_other_and_a_restart_too) {
  auto one = open(), two = open();
  reply no{.status = 429, .fields = {}, .body = {}};
  no.fields.add("Retry-After", "100");
  one.answered(leave(one, start), no, start);
  BOOST_TEST((refused(two, at(1s)).why == wait_for::pause));
  auto three = open(at(2s));
  const auto a = refused(three, at(99s));
  BOOST_TEST((a.why == wait_for::pause));
  BOOST_TEST((*a.until >= at(101s).mono));
}

BOOST_AUTO_TEST_CASE(what_was_in_flight_at_a_death_counts_as_given_up_on) {
  child c([&] {
    auto& theirs = open_for_ever();
    quota::request_id id;
    theirs.try_leave(start, id);
    theirs.answered(id, ok(), start);
    theirs.try_leave(start, id);
    theirs.try_leave(start, id);
    return 0;
  });
  auto ours = open(at(1s));
  BOOST_TEST(ours.governor().in_flight().size() == 2U); // it lives
  c.kill();
  const auto id = leave(ours, at(2s));
  ours.answered(id, ok(), at(2s));
  BOOST_TEST(ours.governor().in_flight().empty());
  // One window from the answer, two from the end of when the server may still count what was given up on at two
  // seconds.
  BOOST_TEST((*refused(ours, at(3s)).until == start.mono + quota::stretched(1min)));
  BOOST_TEST(spend(ours, at(61s)) == 1);
  BOOST_TEST(spend(ours, at(63s)) == 1);
  BOOST_TEST((*refused(ours, at(64s)).until == at(2s + 30s).mono + quota::stretched(1min)));

  auto third = open(at(70s)); // it was written down
  BOOST_TEST((*refused(third, at(70s)).until == at(2s + 30s).mono + quota::stretched(1min)));
}

BOOST_AUTO_TEST_CASE(long_after_a_death_nothing_is_held_back) {
  {
    child c([&] {
      auto& theirs = open_for_ever();
      quota::request_id id;
      theirs.try_leave(start, id);
      return 0;
    });
    c.kill();
  }
  auto ours = open(at(24h));
  BOOST_TEST(spend(ours, at(24h)) == 4);
}

BOOST_AUTO_TEST_CASE(what_a_stopped_process_has_in_flight_is_given_up_on_for_it) {
  auto stopped = open(), ours = open();
  leave(stopped, start);
  BOOST_TEST(spend(ours, at(1s)) == 3);
  // Its timeout is 30 s; for as long again the server may count its request, and then for the window.
  BOOST_TEST(spend(ours, at(2min + 2s)) == 4);
}

BOOST_AUTO_TEST_CASE(of_what_a_living_process_has_in_flight_the_end_may_be_forgotten) {
  auto idle = open(), busy = open();
  const auto id = leave(busy, start);
  refused(busy, start); // one first
  quota::request_id ignored;
  idle.try_leave(start, ignored);
  idle.unsent(ignored, start);
  BOOST_TEST(idle.governor().in_flight().size() == 1U);
  busy.answered(id, ok(), start);
  auto third = open(at(3h)); // drops what is over
  BOOST_TEST(spend(idle, at(3h)) == 4);
}

BOOST_AUTO_TEST_CASE(another_boots_spending_is_known_by_the_civil_clock) {
  {
    auto first = open();
    BOOST_TEST(spend(first, start) == 4);
  }
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(8) << "00000000-1111-2222-3333-444444444444";
  file.close();
  const now_pair booted{instant(5s), start.wall + 20s};
  auto second = open(booted);
  BOOST_TEST((*refused(second, booted).until == booted.mono - 20s + quota::stretched(1min)));
  const now_pair after{instant(46s), start.wall + 61s};
  BOOST_TEST(spend(second, after) == 4);
}

BOOST_AUTO_TEST_CASE(headers_teach_the_tier_to_the_next_run) {
  settings.limits.clear();
  reply pro = ok();
  pro.fields.add("X-RateLimit-Limit", "10000");
  {
    auto first = open();
    for (int i = 0; i < 2; ++i)
      first.answered(leave(first, start), pro, start);
  }
  auto second = open(at(1s));
  BOOST_TEST((second.governor().current_tier() == quota::tier::pro));
}

// A gateway that fails, or an answer that knows no account, may well say "0 of 0".
BOOST_AUTO_TEST_CASE(only_what_succeeds_is_a_sign_that_there_is_no_limit) {
  settings.limits.clear();
  for (const int status : {201, 401, 502}) {
    path = folder.path() / std::to_string(status);
    auto account = open();
    reply zero{.status = status, .fields = {}, .body = {}};
    zero.fields.add("X-RateLimit-Limit", "0");
    zero.fields.add("X-RateLimit-Remaining", "0");
    for (int i = 0; i < 2; ++i)
      account.answered(leave(account, start), zero, start);
    const auto expected = status == 201 ? quota::tier::enterprise : quota::tier::free;
    BOOST_TEST((account.governor().current_tier() == expected), status);
  }
}

BOOST_AUTO_TEST_CASE(who_waits_with_less_goes_first_and_then_waits_its_turn) {
  auto one = open(), two = open();
  BOOST_TEST(spend(one, start) == 4);
  refused(two, at(1s));
  const auto back = 1min + 100ms;        // all four tokens
  const auto a = refused(one, at(back)); // as two took none yet
  BOOST_TEST((a.why == wait_for::window));
  BOOST_REQUIRE(a.until);
  BOOST_TEST((*a.until > at(back).mono));
  BOOST_TEST((*a.until <= at(back + 20ms).mono));
  two.answered(leave(two, at(back)), ok(), at(back));
  refused(two, at(back + 1ms)); // as one took none lately
  one.answered(leave(one, at(back + 2ms)), ok(), at(back + 2ms));
  refused(one, at(back + 3ms));
  two.answered(leave(two, at(back + 3ms)), ok(), at(back + 3ms));
}

BOOST_AUTO_TEST_CASE(one_that_was_stopped_holds_the_others_up_for_a_second_once) {
  child c([&] {
    auto& theirs = open_for_ever();
    quota::request_id id;
    theirs.try_leave(start, id);
    theirs.answered(id, ok(), start);
    auto& busy = *new account(account::open(path, settings, random_source(1), start).value());
    for (int i = 0; i < 3; ++i) {
      busy.try_leave(start, id);
      busy.answered(id, ok(), start);
    }
    theirs.try_leave(at(1s), id); // refused: now it waits
    return 0;
  });
  c.stop();
  auto ours = open(at(2s));
  const auto back = 1min + 100ms;
  ours.answered(leave(ours, at(back)), ok(), at(back)); // the one whose last is longest ago: never
  for (auto t = back + 1ms; t < back + 1s; t += 100ms)
    refused(ours, at(t));
  BOOST_TEST(spend(ours, at(back + 1001ms)) == 3);
  BOOST_TEST(spend(ours, at(back + 3min)) == 4); // it is waited for no longer
}

BOOST_AUTO_TEST_CASE(nobody_waits_for_the_dead_to_take_their_turn) {
  auto ours = open();
  BOOST_TEST(spend(ours, start) == 4);
  child c([&] {
    quota::request_id id;
    open_for_ever().try_leave(at(1s), id); // refused: now it waits
    return 0;
  });
  const auto back = 1min + 100ms;
  refused(ours, at(back)); // its turn
  c.kill();
  BOOST_TEST(spend(ours, at(back + 1ms)) == 4);
}

BOOST_AUTO_TEST_CASE(alone_a_process_says_nothing_of_its_waiting) {
  auto one = open();
  for (int i = 0; i < 4; ++i)
    one.answered(leave(one, start), ok(), start);
  const auto before = std::filesystem::file_size(path);
  for (int i = 0; i < 10; ++i)
    refused(one, at(1s));
  BOOST_TEST(std::filesystem::file_size(path) == before);
  auto two = open(at(2s));
  refused(two, at(2s));
  const auto once = std::filesystem::file_size(path);
  BOOST_TEST(once > before);
  refused(two, at(3s));
  BOOST_TEST(std::filesystem::file_size(path) == once);
}

BOOST_AUTO_TEST_CASE(many_processes_at_once_spend_the_limit_and_no_more) {
  settings.limits = {{60, 1h}};
  const auto greedy = [&] {
    auto theirs = account::open(path, settings, random_source(1), read_clocks()).value();
    int n = 0;
    for (quota::request_id id; theirs.try_leave(read_clocks(), id).go; ++n)
      theirs.answered(id, ok(), read_clocks());
    return n;
  };
  std::vector<pid_t> pids;
  for (int i = 0; i < 4; ++i) {
    const auto pid = ::fork();
    if (pid == 0) ::_exit(greedy());
    pids.push_back(pid);
  }
  int spent = 0;
  for (const auto pid : pids) {
    int status = 0;
    BOOST_REQUIRE(::waitpid(pid, &status, 0) == pid);
    BOOST_REQUIRE(WIFEXITED(status));
    spent += WEXITSTATUS(status);
  }
  BOOST_TEST(spent == 60);
}

BOOST_AUTO_TEST_CASE(a_full_disk_is_told_and_the_run_goes_on_by_its_own_memory) {
  auto ours = open(), theirs = open();
  ours.answered(leave(ours, start), ok(), start);
  BOOST_TEST(!ours.take_problem());

  // The next record is cut in the middle.
  const auto before = std::signal(SIGXFSZ, SIG_IGN);
  rlimit usual{};
  BOOST_REQUIRE(::getrlimit(RLIMIT_FSIZE, &usual) == 0);
  auto full = usual;
  full.rlim_cur = std::filesystem::file_size(path) + 40;
  ::setrlimit(RLIMIT_FSIZE, &full);
  quota::request_id id;
  const bool went = ours.try_leave(start, id).go;
  ::setrlimit(RLIMIT_FSIZE, &usual);
  std::signal(SIGXFSZ, before);

  BOOST_TEST(went);
  const auto problem = ours.take_problem();
  BOOST_REQUIRE(problem);
  BOOST_TEST(problem->what.find(path.string()) != std::string::npos);
  BOOST_TEST(problem->what.find("Success") == std::string::npos);
  BOOST_TEST(!ours.take_problem());
  ours.answered(id, ok(), start);
  BOOST_TEST(spend(ours, start) == 2);   // four in all
  BOOST_TEST(spend(theirs, start) == 1); // of the three that were written
}

BOOST_AUTO_TEST_CASE(a_folder_that_cannot_be_used_gives_a_sentence) {
  const auto opened = account::open("/dev/null/mcbatch/account", settings, random_source(1), start);
  BOOST_REQUIRE(!opened);
  BOOST_TEST((opened.error().code == errc::bad_setting));
}

BOOST_AUTO_TEST_SUITE_END()
