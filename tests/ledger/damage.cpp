#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "ledger/wal_check.hpp"
#include "support.hpp"

#include <fstream>
#include <random>
#include <sstream>

namespace mcbatch::ledger::test {
namespace {

constexpr std::uint64_t jobs = 60;

struct damage_fixture {
  temporary_directory directory;
  std::filesystem::path path = directory / "batch.ledger";
};

std::string content_of(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

void write_file(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

/// What a run does with a ledger, as far as it lets it. Whether it got to the end.
bool use(const std::filesystem::path& path) {
  bool all = true;
  const auto note = [&all](const auto& r) {
    if (r) return true;
    BOOST_TEST(r.error().what.find(".ledger") != std::string::npos, r.error().what);
    return all = false;
  };
  {
    auto r = reading::open(path);
    if (note(r)) {
      note(r->counts());
      note(r->manifests());
      note(r->last_run());
      note(r->for_each({}, [](const record& one) { return one.own_size <= one.body.size(); }));
    }
  }
  auto s = store::create_or_open(path, {});
  if (!note(s)) return false;
  const auto import_and_fetch = [](store& l) {
    l.import({key_of(1), key_of(1), "{}", l.manifest("a.jsonl"), 1});
    l.queue_all_pending();
    for (const auto& j : l.fetch(jobs)) {
      l.begin(j.id, noon);
      l.finish(j.id, verdict_of(meaning::accepted));
    }
  };
  if (!note(s->transact(import_and_fetch))) return false;
  note(s->close());
  return all;
}

void fill(store& s) {
  change(s, [](store& l) {
    for (std::uint64_t n = 0; n < jobs; ++n) {
      const auto id = l.import({key_of(n), key_of(n), std::string(300, 'x'), l.manifest("a.jsonl"), n}).id;
      if (n % 3 == 2) continue;
      l.begin(id, noon);
      l.finish(id, verdict_of(n % 3 == 0 ? meaning::accepted : meaning::refused));
    }
  });
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(damage, damage_fixture)

BOOST_AUTO_TEST_CASE(whatever_bytes_are_overwritten_it_is_told_or_does_no_harm) {
  {
    auto s = open_store(path);
    fill(s);
    must(s.close());
  }
  const auto whole = content_of(path);
  BOOST_TEST(use(path));
  std::mt19937 random(7); // NOLINT: the damage should be the same in each run
  const auto draw = [&](std::size_t most) { return std::uniform_int_distribution<std::size_t>(0, most)(random); };
  int told = 0;
  constexpr int rounds = 60;
  for (int round = 0; round < rounds; ++round) {
    BOOST_TEST_CONTEXT("round " << round) {
      remove_ledger(path);
      auto bytes = whole;
      const auto size = 1 + draw(round % 2 == 0 ? 8 : 5000);
      const auto at = draw(round % 5 == 0 ? 100 : bytes.size() - 1);
      for (std::size_t i = at; i < std::min(at + size, bytes.size()); ++i)
        bytes[i] = static_cast<char>(draw(255));
      write_file(path, bytes);
      if (!use(path)) ++told;
    }
  }
  BOOST_TEST_MESSAGE(told << " of " << rounds << " damages were noticed");
  BOOST_TEST(told > rounds / 4);
}

BOOST_AUTO_TEST_CASE(a_ledger_that_was_cut_short_is_refused) {
  {
    auto s = open_store(path);
    fill(s);
    must(s.close());
  }
  const auto whole = content_of(path);
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{50}, std::size_t{100}, std::size_t{4096}, whole.size() / 2, whole.size() - 4096}) {
    BOOST_TEST_CONTEXT(size << " bytes are left") {
      remove_ledger(path);
      write_file(path, whole.substr(0, size));
      const auto r = store::create_or_open(path, {});
      BOOST_TEST(r.has_error());
      if (r.has_error()) BOOST_TEST(r.error().what.find(path.string()) != std::string::npos);
    }
  }
}

/// SQLite itself leaves out what stands behind the damage, and the jobs would be pending.
BOOST_AUTO_TEST_CASE(a_damaged_log_is_told_unless_it_may_be_torn_by_a_crash) {
  constexpr std::uint64_t commits = 20;
  {
    auto s = open_store(path);
    for (std::uint64_t n = 1; n <= commits; ++n)
      bring_to(s, import_one(s, n, std::string(300, 'x')).id, job_state::submitted);
  }
  const auto file = content_of(path), log = content_of(path.string() + "-wal");
  const auto with_log = [&](const std::string& bytes) {
    remove_ledger(path);
    write_file(path, file);
    write_file(path.string() + "-wal", bytes);
  };
  std::mt19937 random(7); // NOLINT: likewise
  for (int round = 0; round < 200; ++round) {
    auto bytes = log;
    const auto at = std::uniform_int_distribution<std::size_t>(0, log.size() * 4 / 5)(random);
    bytes[at] = static_cast<char>(bytes[at] ^ 0x55);
    std::istringstream damaged(bytes);
    // SQLite reads neither the checkpoint's number nor, for what it is worth, its own version's.
    BOOST_TEST(log_is_damaged(damaged), "byte " << at);
  }
  for (const auto at : {std::size_t{0}, std::size_t{40}, log.size() / 2}) {
    auto bytes = log;
    bytes[at] = static_cast<char>(bytes[at] ^ 0x55);
    with_log(bytes);
    const auto to_write = store::create_or_open(path, {});
    BOOST_TEST_REQUIRE(to_write.has_error());
    BOOST_TEST(to_write.error().code == errc::ledger_failed);
    const auto to_read = reading::open(path);
    BOOST_TEST_REQUIRE(to_read.has_error());
    BOOST_TEST(to_read.error().code == errc::cannot_open);
    for (const auto& what : {to_write.error().what, to_read.error().what})
      BOOST_TEST(what.find(path.string() + "-wal") != std::string::npos, what);
    BOOST_TEST((content_of(path.string() + "-wal") == bytes)); // for whoever can save it
  }
}

BOOST_AUTO_TEST_CASE(a_log_that_a_crash_has_torn_is_sound) {
  {
    auto s = open_store(path);
    for (std::uint64_t n = 1; n <= 5; ++n)
      import_one(s, n, std::string(300, 'x'));
  }
  const auto log = content_of(path.string() + "-wal");
  for (std::size_t size = 0; size <= log.size(); size += 97) {
    std::istringstream torn(log.substr(0, size)); // cut anywhere
    BOOST_TEST(!log_is_damaged(torn), size << " bytes");
    std::istringstream unwritten(log.substr(0, size) + std::string(log.size() - size, '\0')); // its end never came
    BOOST_TEST(!log_is_damaged(unwritten), size << " bytes and zeros");
  }
  auto last = log;
  last[last.size() - 1] ^= 1; // within the last commit
  std::istringstream torn(last);
  BOOST_TEST(!log_is_damaged(torn));
}

/// The log is begun anew in the same file, and the end of the old one stands behind it.
BOOST_AUTO_TEST_CASE(a_log_that_was_begun_anew_is_sound) {
  auto s = open_store(path);
  for (std::uint64_t n = 1; n <= 1000; ++n)
    import_one(s, n, std::string(20'000, 'x'));
  std::ifstream log(path.string() + "-wal", std::ios::binary);
  BOOST_TEST(!log_is_damaged(log));
  BOOST_TEST(std::filesystem::file_size(path) > std::size_t{1} << 20); // it was folded in, once at least
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace mcbatch::ledger::test
