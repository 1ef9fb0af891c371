#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "cli/support.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <future>
#include <random>
#include <sstream>
#include <thread>

namespace mcbatch::tests {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr int most_kills = 500;
constexpr std::size_t lanes = 5; // lives that are played side by side: most of a life is waiting

/// How a run is brought down, or ends by itself.
enum class way {
  kill_early,   ///< SIGKILL while it starts: options, ledger, schema, import
  kill,         ///< SIGKILL at any moment
  kill_at_end,  ///< SIGKILL when all it was to submit is accepted: outcomes, summary, close
  kill_in_stop, ///< SIGTERM, and SIGKILL while it stops
  terminate,    ///< SIGTERM once
  interrupt,    ///< SIGINT once
  stop_now,     ///< SIGINT or SIGTERM twice
};
constexpr std::array all_ways{way::kill_early, way::kill,      way::kill_at_end, way::kill_in_stop,
                              way::terminate,  way::interrupt, way::stop_now};
constexpr std::array names{"killed early",    "killed",      "killed at its end", "killed while it stopped",
                           "terminated once", "interrupted", "stopped at once"};

/// Faults of every kind that may end in each state, of which none makes a run give up.
constexpr std::array fault_specs{
    "500+:0.02,lost:0.02,drop:0.02,hang:0.005,503:0.02,truncated:0.02,noid:0.01",
    "lost:0.05,422:0.02,408:0.02,hang:0.005",
    "429:0.004,500+:0.03,html:0.01,truncated:0.02,425:0.02",
    "drop:0.04,502:0.02,503:0.05,404:0.02,noid:0.02",
    "",
};

/// What a ledger and the sandbox's journal say of each job, by its output URL.
struct account_of_jobs {
  std::map<std::string, nlohmann::json> records;
  std::map<std::string, std::vector<std::string>> accepted; // ids
  std::map<std::string, std::uint64_t> states;
};

/// One ledger, from its creation through many deaths to its end, against a sandbox with faults.
class life {
public:
  explicit life(unsigned seed)
      : seed_(seed), random_(seed),
        world_({.faults = fault_specs[seed % fault_specs.size()], .latency = milliseconds(draw(1, 15))}),
        in_flight_(draw(1, 12)) {
    grow(seed % 6 == 3 ? 4000 : 150); // the former are killed while they are imported
  }

  /// Lives until `kills`, of all lives together, are enough; then runs to the end.
  void play(std::atomic<int>& kills, int rounds) {
    for (int round = 0; round < rounds && kills < most_kills; ++round) {
      const auto how = round < 3 ? way::kill_early : all_ways[static_cast<std::size_t>(draw(0, all_ways.size() - 1))];
      where_ = "round " + std::to_string(round) + ", " + names[static_cast<std::size_t>(how)];
      const auto e = run(how);
      const bool stopped = e.code == 75 && e.json()["stop_reason"] == "signal";
      if (e.signal != 0 || stopped) {
        ++kills;
        ++by_way[how];
      }
      if (e.code >= 0) check_told(e);
      // Looking in mends the log's index, which is the next run's business half of the time.
      else if (draw(0, 1) == 0)
        check_jobs(false);
      else
        before_.reset();
      if (world_.server().accepted() > 3 * jobs_ / 4) grow(100);
    }
    where_ = "the end";
    finish();
  }

  std::map<way, int> by_way;
  std::vector<std::string> violations;
  std::uint64_t in_doubt = 0, jobs = 0;

private:
  template <class A, class B>
  int draw(A least, B most) {
    return std::uniform_int_distribution(static_cast<int>(least), static_cast<int>(most))(random_);
  }
  void pause(int most_ms) { std::this_thread::sleep_for(std::chrono::microseconds(draw(0, 1000 * most_ms))); }

  void require(bool holds, const std::string& what) {
    if (!holds) violations.push_back("life " + std::to_string(seed_) + ", " + where_ + ": " + what);
  }

  void grow(std::size_t more) {
    append_file(world_.manifest(), entries(jobs_, jobs_ + more));
    jobs_ += more;
  }

  std::vector<std::string> command(std::vector<std::string> more = {}) const {
    more.insert(more.end(), {"--max-in-flight", std::to_string(in_flight_), "--timeout", "400ms", "--drain", "200ms",
                             "--progress", "none"});
    return world_.submit_command(std::move(more));
  }

  ended run(way how) {
    constexpr int start_ms = 90; // what a start and a small import take, about
    constexpr std::uint64_t few = 5;
    const auto target = world_.server().accepted() + few;
    const auto p =
        how == way::kill_at_end ? world_.start(command({"--max-jobs", std::to_string(few)})) : world_.start(command());
    switch (how) {
    case way::kill_early:
      pause(start_ms);
      p->signal(SIGKILL);
      break;
    case way::kill:
      pause(4 * start_ms);
      p->signal(SIGKILL);
      break;
    case way::kill_at_end:
      for (int i = 0; world_.server().accepted() < target && i < 400; ++i)
        std::this_thread::sleep_for(1ms);
      pause(40);
      p->signal(SIGKILL);
      break;
    case way::kill_in_stop:
      pause(4 * start_ms);
      p->signal(SIGTERM);
      pause(60);
      p->signal(SIGKILL);
      break;
    case way::terminate:
    case way::interrupt:
      pause(4 * start_ms);
      p->signal(how == way::terminate ? SIGTERM : SIGINT);
      break;
    case way::stop_now:
      pause(4 * start_ms);
      p->signal(draw(0, 1) == 0 ? SIGTERM : SIGINT);
      pause(30);
      p->signal(draw(0, 1) == 0 ? SIGTERM : SIGINT);
      break;
    }
    return p->wait();
  }

  /// Whatever happened, a job was accepted once at most, and the ledger says neither more nor less than is so.
  account_of_jobs check_jobs(bool ended_well) {
    account_of_jobs all;
    for (const auto& line : world_.server().journal_lines()) {
      const auto entry = nlohmann::json::parse(line);
      all.accepted[entry["output_url"]].push_back(entry["id"]);
    }
    for (const auto& [url, ids] : all.accepted)
      require(ids.size() == 1, url + " was accepted " + std::to_string(ids.size()) + " times");
    if (!std::filesystem::exists(world_.ledger())) {
      require(all.accepted.empty(), "jobs were accepted, and there is no ledger");
      before_ = std::move(all.states);
      return all;
    }
    const auto exported = world_.run({"export", world_.ledger()});
    require(exported.code == 0, "export fails: " + exported.err);
    std::istringstream lines(exported.out);
    for (std::string line; std::getline(lines, line);) {
      const auto r = nlohmann::json::parse(line);
      require(all.records.emplace(r["output_url"], r).second, "two records of " + r["output_url"].dump());
    }
    if (exported.code != 0) return all;
    for (const auto& [url, ids] : all.accepted)
      require(all.records.contains(url), url + " was accepted and is not in the ledger");
    for (const auto& [url, r] : all.records) {
      const auto state = r["state"].get<std::string>();
      ++all.states[state];
      const auto found = all.accepted.find(url);
      const bool accepted = found != all.accepted.end();
      if (state == "submitted")
        require(accepted && found->second.front() == r["job_id"],
                url + " is submitted as " + r["job_id"].dump() + ", which the service does not know");
      else
        require(!accepted || state == "in_doubt" || (state == "sending" && !ended_well),
                url + " was accepted and is " + state);
      require(!ended_well || state != "sending", url + " is left sending");
    }
    before_ = all.states;
    return all;
  }

  /// A run that ended by itself, or when it was told to, tells the truth: by its exit code, summary and record.
  void check_told(const ended& e) {
    const auto before = before_;
    auto now = check_jobs(true);
    const auto told = e.json();
    const auto reason = told["stop_reason"].get<std::string>();
    auto counts = told["jobs"];
    const auto count = [&counts](const char* state) { return counts[state].get<std::uint64_t>(); };
    require(told["exit_code"] == e.code, "the summary says " + told["exit_code"].dump() + ", the exit code is " +
                                             std::to_string(e.code) + ": " + e.err);
    const bool early = reason == "signal" || reason == "max_jobs";
    require(early ? e.code == 75 : reason == "done" && (e.code == 0 || e.code == 1),
            "it ended with " + std::to_string(e.code) + " by " + reason + ": " + e.err);
    std::uint64_t sum = 0;
    for (const auto& [state, n] : counts.items())
      if (state != "read") sum += n.get<std::uint64_t>();
    require(sum == count("read"), "the states do not add up to what was read: " + counts.dump());
    if (before)
      require(count("submitted") == now.states["submitted"] - value_of(*before, "submitted"),
              "it says it submitted " + counts.dump() + ", which the ledger does not say");
    if (count("read") == jobs_) {
      require(now.records.size() == jobs_,
              "the ledger has " + std::to_string(now.records.size()) + " of " + std::to_string(jobs_) + " jobs");
      now.states["submitted"] -= count("submitted") + count("skipped");
      require(now.states["submitted"] == 0, "the summary's submitted and skipped jobs are not the ledger's");
      for (const auto* state : {"rejected", "in_doubt", "invalid", "expired", "pending"})
        require(count(state) == now.states[state], std::string(state) + " in the summary is not so in the ledger");
    }
    require(e.code != 0 || count("submitted") + count("skipped") == jobs_, "it exits 0, and not all is submitted");
    const auto status = world_.run({"status", world_.ledger(), "--json"}).json();
    require(status["running"] == false, "status says that it is running");
    require(status["last_run"]["stop_reason"] == reason, "status says " + status["last_run"].dump());
  }

  void finish() {
    constexpr int most_runs = 5; // an outage by too many faults in a row may end one
    std::optional<ended> e;
    for (int n = 0; n < most_runs && !(e && (e->code == 0 || e->code == 1)); ++n) {
      before_.reset();
      e = world_.run(command());
    }
    require(e->code == 0 || e->code == 1, "it does not come to its end: " + std::to_string(e->code) + " " + e->err);
    if (e->code < 0) return;
    check_told(*e);
    auto all = check_jobs(true);
    require(all.records.size() == jobs_, "jobs are missing");
    require(all.states["pending"] == 0, "jobs are pending");
    in_doubt = all.states["in_doubt"];
    jobs = jobs_;
  }

  static std::uint64_t value_of(const std::map<std::string, std::uint64_t>& of, const std::string& name) {
    const auto found = of.find(name);
    return found == of.end() ? 0 : found->second;
  }

  unsigned seed_;
  std::mt19937 random_;
  world world_;
  int in_flight_;
  std::size_t jobs_ = 0;
  std::string where_ = "birth";
  std::optional<std::map<std::string, std::uint64_t>> before_ = std::map<std::string, std::uint64_t>{};
};

BOOST_AUTO_TEST_SUITE(cli_kills)

BOOST_AUTO_TEST_CASE(five_hundred_kills_lose_nothing_and_double_nothing) {
  constexpr int rounds = 25;
  std::atomic<int> kills = 0;
  std::atomic<unsigned> next_seed = 1;
  struct tally {
    std::map<way, int> by_way;
    std::vector<std::string> violations;
    std::uint64_t in_doubt = 0, jobs = 0;
  };
  const auto lane = [&] {
    tally all;
    while (kills < most_kills && all.violations.empty()) {
      life one(next_seed++);
      one.play(kills, rounds);
      for (const auto& [how, n] : one.by_way)
        all.by_way[how] += n;
      all.violations.insert(all.violations.end(), one.violations.begin(), one.violations.end());
      all.in_doubt += one.in_doubt;
      all.jobs += one.jobs;
    }
    return all;
  };
  std::vector<std::future<tally>> playing;
  for (std::size_t n = 0; n < lanes; ++n)
    playing.push_back(std::async(std::launch::async, lane));
  tally all;
  for (auto& p : playing) {
    auto one = p.get();
    for (const auto& [how, n] : one.by_way)
      all.by_way[how] += n;
    for (const auto& v : one.violations)
      BOOST_ERROR(v);
    all.in_doubt += one.in_doubt;
    all.jobs += one.jobs;
  }
  BOOST_TEST_MESSAGE(kills << " kills in " << next_seed - 1 << " lives with " << all.jobs << " jobs, of which "
                           << all.in_doubt << " ended in doubt");
  for (const auto how : all_ways)
    BOOST_TEST_MESSAGE("  " << all.by_way[how] << " " << names[static_cast<std::size_t>(how)]);
  BOOST_TEST(kills >= most_kills);
  for (const auto how : all_ways)
    BOOST_TEST(all.by_way[how] > 10, names[static_cast<std::size_t>(how)]);
  BOOST_TEST(all.in_doubt > 50); // else few kills met a job on its way, and this showed little
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace mcbatch::tests
