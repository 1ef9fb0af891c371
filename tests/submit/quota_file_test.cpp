#define BOOST_TEST_DYN_LINK
#include "submit/temporary_folder.hpp"

#include <mcbatch/submit/quota_file.hpp>

#include <boost/test/unit_test.hpp>

#include <array>
#include <fstream>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace mcbatch;
using namespace mcbatch::submit;
using namespace std::chrono_literals;
using quota::event;
using quota::event_kind;

namespace {

constexpr now_pair now{instant(1000h), wall_time(std::chrono::seconds(1705314600))};
constexpr duration memory = 1h;

now_pair later(duration d) {
  return {now.mono + d, now.wall + std::chrono::floor<wall_time::duration>(d)};
}

auto fields(const event& e) {
  return std::tuple(e.kind, e.request, e.at, e.rate, e.requests);
}

event leave(std::uint64_t process, std::uint64_t serial, instant at = now.mono) {
  return {event_kind::leave, {process, serial}, at, {}};
}

event answer(std::uint64_t process, std::uint64_t serial, instant at = now.mono) {
  return {event_kind::answer, {process, serial}, at, {}};
}

struct fixture {
  test::temporary_folder folder;
  std::filesystem::path path = folder.path() / "mcbatch" / "account";

  quota_file open(std::uint64_t process, now_pair at = now) {
    auto file = quota_file::open(path, process, memory, at);
    BOOST_REQUIRE_MESSAGE(file, file.error().what);
    return std::move(file).value();
  }
  static void append(quota_file& file, const event& e, now_pair at = now) {
    const std::lock_guard whole(file);
    BOOST_REQUIRE(file.read_new(at));
    const auto appended = file.append({&e, 1}, at);
    BOOST_REQUIRE_MESSAGE(appended, appended.error().what);
  }
  static std::vector<event> read(quota_file& file, now_pair at = now) {
    const std::lock_guard whole(file);
    auto events = file.read_new(at);
    BOOST_REQUIRE_MESSAGE(events, events.error().what);
    return *events;
  }
  void append_bytes(const std::string& bytes) const { std::ofstream(path, std::ios::app | std::ios::binary) << bytes; }
  void forge_boot() const {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(8);
    file << "00000000-1111-2222-3333-444444444444";
  }
  mode_t mode_of(const std::filesystem::path& p) const {
    struct stat status {};
    BOOST_REQUIRE(::stat(p.c_str(), &status) == 0);
    return status.st_mode & 0777;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(quota_files, fixture)

/// An account that has a new token has a further name, and one file.
BOOST_AUTO_TEST_CASE(a_further_name_leads_to_the_same_file) {
  auto ours = open(1);
  append(ours, leave(1, 1));
  const auto second = folder.path() / "mcbatch" / "second", third = folder.path() / "mcbatch" / "third";
  BOOST_TEST(name_quota_file(path, second).has_value());
  BOOST_TEST(name_quota_file(second, third).has_value());
  BOOST_TEST(name_quota_file(path, third).has_value()); // again changes nothing
  for (std::uint64_t process = 2; const auto& name : {second, third}) {
    auto theirs = quota_file::open(name, process, memory, now).value();
    const auto seen = read(theirs);
    BOOST_TEST(seen.size() == process - 1);
    append(theirs, leave(process++, 1));
    BOOST_TEST(!read(ours).empty());
    BOOST_TEST(ours.is_alive(process - 1)); // they share the locks as well
    BOOST_TEST(std::filesystem::is_symlink(name));
  }
  // A name that is in use stays what it is, and whoever counts elsewhere is told.
  const auto other = folder.path() / "mcbatch" / "other";
  BOOST_TEST(quota_file::open(other, 9, memory, now).has_value());
  BOOST_TEST(name_quota_file(path, other).error().what.find("another run counts already") != std::string::npos);
  BOOST_TEST(!std::filesystem::is_symlink(other));
  // And where no name can be made, that is told.
  BOOST_TEST(name_quota_file(path, folder.path() / "nowhere" / "x").error().what.find("nowhere") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_event_comes_back_as_it_was) {
  const auto early = now.mono - 4s;
  const event events[] = {
      leave(1, 1, early),
      leave(1, 2, early),
      leave(1, 3, early),
      leave(1, 4, early),
      leave(1, 5, early),
      leave(1, 6, early),
      leave(1, 7, early),
      leave(UINT64_MAX, UINT64_MAX, early),
      {event_kind::answer,
       {1, 1},
       now.mono - 3s,
       {.limit = 1000, .remaining = 956, .reset_in = 30min, .reset_at = 1705316400}},
      {event_kind::refusal, {1, 2}, now.mono - 2s, {.retry_after = 0s}},
      {event_kind::refusal,
       {UINT64_MAX, UINT64_MAX},
       now.mono,
       {.limit = UINT64_MAX, .remaining = 0, .retry_after = 90s}},
      {event_kind::answer, {1, 3}, now.mono - 1ns, {.unlimited = true}},
      {event_kind::answer, {1, 6}, now.mono - 1ns, {.limit = 1000, .window = 1h}},
      {event_kind::refusal, {1, 7}, now.mono - 1ns, {.window = 1min, .exhausted_for = 20s}},
      {event_kind::gave_up, {1, 4}, now.mono, {}},
      {event_kind::unsent, {1, 5}, now.mono, {}},
      {event_kind::want, {2, 5}, now.mono, {}},
  };
  const event sum{event_kind::over, {3, 5}, now.mono - 1s, {}, {}, 4};
  auto ours = open(1), theirs = open(2);
  for (const auto& e : events)
    append(ours, e);
  BOOST_TEST(read(ours).empty()); // we know what we wrote
  const auto now_theirs = read(theirs);
  BOOST_TEST(read(theirs).empty()); // each event once
  auto restarted = open(3);
  const auto after = read(restarted);
  BOOST_REQUIRE(now_theirs.size() == std::size(events));
  BOOST_REQUIRE(after.size() == std::size(events));
  for (std::size_t i = 0; i < std::size(events); ++i) {
    BOOST_TEST((fields(now_theirs[i]) == fields(events[i])));
    BOOST_TEST((fields(after[i]) == fields(events[i])));
  }
  append(ours, sum);
  BOOST_TEST((fields(read(theirs).back()) == fields(sum)));
}

BOOST_AUTO_TEST_CASE(the_living_are_told_from_the_dead) {
  auto ours = open(1);
  {
    const auto theirs = open(900);
    BOOST_TEST(ours.is_alive(900));
  }
  BOOST_TEST(!ours.is_alive(900));
  BOOST_TEST(!ours.is_alive(901));
}

BOOST_AUTO_TEST_CASE(a_lock_keeps_others_out_while_it_is_held) {
  auto file = open(1);
  const descriptor other(::open((path.string() + ".lock").c_str(), O_RDWR | O_CLOEXEC));
  const auto is_locked = [&] {
    struct flock range {};
    range.l_type = F_WRLCK;
    range.l_whence = SEEK_SET;
    range.l_len = 1; // the first byte
    BOOST_REQUIRE(::fcntl(other.get(), F_OFD_GETLK, &range) == 0);
    return range.l_type != F_UNLCK;
  };
  {
    const std::lock_guard whole(file);
    BOOST_TEST(is_locked());
  }
  BOOST_TEST(!is_locked());
}

BOOST_AUTO_TEST_CASE(what_another_boot_wrote_is_read_by_the_civil_clock) {
  {
    auto file = open(1);
    append(file, leave(1, 1, now.mono - 10min));
    append(file, answer(1, 1, now.mono - 5min));
  }
  forge_boot();
  // The machine was off for twenty minutes, and its monotonic clock began anew.
  const now_pair booted{instant(40s), now.wall + 20min};
  auto file = open(2, booted);
  auto events = read(file, booted);
  BOOST_REQUIRE(events.size() == 2U);
  BOOST_TEST((events[0].at == booted.mono - 30min));
  BOOST_TEST((events[1].at == booted.mono - 25min));
  // From now on the file is this boot's.
  append(file, leave(2, 1, booted.mono), booted);
  auto third = open(3, booted);
  events = read(third, booted);
  BOOST_REQUIRE(events.size() == 3U);
  BOOST_TEST((events[1].at == booted.mono - 25min));
  BOOST_TEST((events[2].at == booted.mono));
}

BOOST_AUTO_TEST_CASE(nothing_was_spent_in_the_future_whatever_the_clock_did) {
  {
    auto file = open(1);
    append(file, leave(1, 1));
  }
  forge_boot();
  const now_pair set_back{instant(40s), now.wall - 24h};
  auto file = open(2, set_back);
  const auto events = read(file, set_back);
  BOOST_REQUIRE(events.size() == 1U);
  BOOST_TEST((events[0].at == set_back.mono));

  // Within a boot the civil clock does not matter.
  append(file, leave(2, 1, set_back.mono), set_back);
  const now_pair jumped{set_back.mono + 10s, now.wall + 24h * 365};
  auto other = open(3, jumped);
  BOOST_TEST((read(other, jumped).back().at == set_back.mono));
}

BOOST_AUTO_TEST_CASE(opening_drops_what_is_over_for_longer_than_it_matters) {
  auto file = open(1);
  append(file, leave(1, 1));
  append(file, answer(1, 1));
  append(file, leave(1, 2));
  append(file, leave(1, 3));
  append(file, answer(1, 3, now.mono + 10min), later(10min));
  auto other = open(2, later(65min));
  const auto events = read(other, later(65min));
  BOOST_REQUIRE(events.size() == 3U);
  BOOST_TEST((events[0].request.serial == 2U)); // still in flight, however old
  BOOST_TEST((events[1].request.serial == 3U));
  BOOST_TEST((events[2].request.serial == 3U));
}

BOOST_AUTO_TEST_CASE(that_one_was_passed_over_comes_to_the_others) {
  auto ours = open(1), theirs = open(2);
  const event e{event_kind::passed_over, {2, 5}, now.mono, {}};
  append(ours, e);
  const auto events = read(theirs);
  BOOST_REQUIRE(events.size() == 1U);
  BOOST_TEST((fields(events[0]) == fields(e)));
}

BOOST_AUTO_TEST_CASE(opening_keeps_the_wants_that_stand_and_no_others) {
  const auto want = [](std::uint64_t process, std::uint64_t serial, instant at = now.mono) {
    return event{event_kind::want, {process, serial}, at, {}};
  };
  auto ours = open(1);
  append(ours, want(5, 0, now.mono - 2h)); // none waits for so long
  append(ours, leave(1, 1));
  append(ours, want(1, 1)); // with a request in flight, which must stay
  append(ours, want(2, 0));
  append(ours, leave(2, 1)); // it has its token
  append(ours, answer(2, 1));
  append(ours, want(3, 0));
  append(ours, {event_kind::passed_over, {3, 0}, now.mono, {}});
  append(ours, want(4, 7));
  append(ours, want(4, 7));
  auto other = open(9);
  const auto events = read(other);
  std::vector<std::pair<event_kind, std::uint64_t>> seen;
  for (const auto& e : events)
    seen.emplace_back(e.kind, e.request.process);
  const std::vector<std::pair<event_kind, std::uint64_t>> expected{{event_kind::leave, 1},
                                                                   {event_kind::want, 1},
                                                                   {event_kind::leave, 2},
                                                                   {event_kind::answer, 2},
                                                                   {event_kind::want, 4}};
  BOOST_TEST((seen == expected));
}

BOOST_AUTO_TEST_CASE(the_longest_memory_that_any_process_asked_for_holds) {
  {
    auto file = quota_file::open(path, 1, 24h, now);
    BOOST_REQUIRE(file);
    append(*file, leave(1, 1));
    append(*file, answer(1, 1));
  }
  for (const std::uint64_t process : {2U, 3U}) {
    auto file = open(process, later(5h));
    BOOST_TEST(read(file, later(5h)).size() == 2U);
  }
}

BOOST_AUTO_TEST_CASE(compaction_keeps_the_file_small_loses_nothing_and_others_follow_it) {
  auto ours = open(1), theirs = open(2);
  std::vector<quota::request_id> seen;
  const auto look = [&](now_pair at) {
    for (const auto& e : read(theirs, at))
      if (e.kind == event_kind::leave && (seen.empty() || seen.back() < e.request)) seen.push_back(e.request);
  };
  append(ours, leave(1, 1));
  std::uint64_t serial = 1;
  auto at = now;
  for (int i = 0; i < 20000; ++i) {
    at = later(i * 1s);
    const std::lock_guard whole(ours);
    ++serial;
    const std::array both{leave(1, serial, at.mono), answer(1, serial, at.mono)};
    BOOST_REQUIRE(ours.append(both, at));
  }
  look(at);
  BOOST_TEST(std::filesystem::file_size(path) < 2U << 20); // 3.2 MB were written
  BOOST_TEST((seen.front() == quota::request_id{1, 1}));   // in flight all the time
  BOOST_TEST((seen.back() == quota::request_id{1, serial}));
  BOOST_TEST(seen.size() > 3600U); // an hour's, all of them
  for (std::size_t i = seen.size() - 3600; i < seen.size(); ++i)
    BOOST_REQUIRE(seen[i].serial == seen[i - 1].serial + 1);

  // Their appends go to the new file, and come to us.
  append(theirs, leave(2, 1, at.mono), at);
  BOOST_TEST((read(ours, at).back().request == quota::request_id{2, 1}));
}

BOOST_AUTO_TEST_CASE(half_a_record_is_passed_over_and_does_not_spoil_what_follows) {
  auto ours = open(1), theirs = open(2);
  append(ours, leave(1, 1));
  append_bytes(std::string(37, '\1'));
  append(theirs, leave(2, 1));
  append_bytes(std::string(79, '\1'));
  append(ours, leave(1, 2));
  const auto events = read(theirs);
  BOOST_REQUIRE(events.size() == 1U);
  BOOST_TEST((events[0].request == quota::request_id{1, 2}));
  auto third = open(3);
  BOOST_TEST(read(third).size() == 3U);
}

BOOST_AUTO_TEST_CASE(zeros_that_a_lost_machine_left_are_passed_over) {
  auto ours = open(1);
  append(ours, leave(1, 1));
  append_bytes(std::string(250, '\0'));
  append(ours, leave(1, 2));
  auto other = open(2);
  BOOST_TEST(read(other).size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_file_that_is_none_of_ours_or_broken_off_at_once_begins_anew) {
  for (const std::string content : {"", "mcquota2", "mcquota2 and not much more", "mcquota1 and not much more",
                                    "#!/bin/sh\necho this is a long enough text, but no state file at all\n"}) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::trunc | std::ios::binary) << content;
    auto file = open(1);
    BOOST_TEST(read(file).empty(), content);
    append(file, leave(1, 1));
    auto other = open(2);
    BOOST_TEST(read(other).size() == 1U, content);
  }
}

BOOST_AUTO_TEST_CASE(an_update_does_not_forget_what_was_spent) {
  // Of the former format: a leave and its answer, "Limit 1000, Remaining 956".
  std::string header = "mcquota1" + std::string(40, '\0');
  const auto add = [](std::string& to, std::uint64_t value) {
    to.append(reinterpret_cast<const char*>(&value), sizeof value);
  };
  add(header, static_cast<std::uint64_t>(memory.count()));
  const auto record = [&](const std::string& kind_and_flags, std::uint64_t limit, std::uint64_t remaining) {
    auto bytes = kind_and_flags;
    const auto wall_us = static_cast<std::uint64_t>((now.wall - 10min).time_since_epoch().count());
    for (const auto value : {std::uint64_t{7}, std::uint64_t{1}, std::uint64_t{0}, wall_us, limit, remaining,
                             std::uint64_t{0}, std::uint64_t{0}, std::uint64_t{0}})
      add(bytes, value);
    return bytes;
  };
  const auto left = record(std::string("\1\0\0\0\0\0\0\0", 8), 0, 0);
  const auto answered = record(std::string("\2\1\0\1\0\0\0\0", 8), 1000, 956);
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << header << left << answered << left.substr(0, 30);

  auto file = open(1);
  append(file, leave(1, 1)); // in the format that the file has now
  for (const std::uint64_t process : {2U, 3U}) {
    auto other = open(process);
    const auto events = read(other);
    BOOST_REQUIRE(events.size() == 3U);
    BOOST_TEST((fields(events[0]) == fields(leave(7, 1, now.mono - 10min))));
    BOOST_TEST((events[1].kind == event_kind::answer));
    BOOST_TEST((events[1].rate == quota::rate_info{.limit = 1000, .remaining = 956}));
    BOOST_TEST((fields(events[2]) == fields(leave(1, 1))));
  }
}

BOOST_AUTO_TEST_CASE(one_that_was_deleted_or_emptied_meanwhile_is_made_again) {
  for (const bool deleted : {true, false}) {
    auto ours = open(1), theirs = open(2);
    append(ours, leave(1, 1));
    if (deleted)
      std::filesystem::remove(path);
    else
      std::filesystem::resize_file(path, 0);
    append(ours, leave(1, 2));
    const auto events = read(theirs);
    BOOST_REQUIRE(events.size() == 1U);
    BOOST_TEST((events[0].request.serial == 2U));
  }
}

BOOST_AUTO_TEST_CASE(nobody_else_may_read_it) {
  const auto before = ::umask(0);
  {
    const auto file = open(1);
    const auto reopened = open(2); // compacts
  }
  ::umask(before);
  BOOST_TEST(mode_of(path) == 0600U);
  BOOST_TEST(mode_of(path.string() + ".lock") == 0600U);
  BOOST_TEST(mode_of(path.parent_path()) == 0700U);
}

BOOST_AUTO_TEST_CASE(a_folder_that_cannot_be_used_gives_a_sentence) {
  for (const std::filesystem::path& bad : {std::filesystem::path("/dev/null/mcbatch/account"), folder.path()}) {
    const auto file = quota_file::open(bad, 1, memory, now);
    BOOST_REQUIRE(!file);
    BOOST_TEST((file.error().code == errc::bad_setting));
    BOOST_TEST(file.error().what.find(bad.string()) != std::string::npos);
    BOOST_TEST(file.error().what.find("quota") != std::string::npos);
    BOOST_TEST(file.error().what.find("set XDG_STATE_HOME") != std::string::npos);
  }
}

BOOST_AUTO_TEST_SUITE_END()
