#define BOOST_TEST_DYN_LINK
#include "cli/support.hpp"

#include <boost/test/unit_test.hpp>

#include <csignal>
#include <thread>

namespace mcbatch::tests {
namespace {

/// Three jobs, of which one is refused, in a ledger at rest.
struct submitted_world : world {
  submitted_world() : world({.faults = "422@2"}) {
    write_file(manifest(), entries(0, 3));
    BOOST_TEST_REQUIRE(submit().code == 1);
  }
};

} // namespace

BOOST_AUTO_TEST_SUITE(report)

BOOST_FIXTURE_TEST_CASE(a_page_lies_beside_the_ledger_unless_another_place_is_named, submitted_world) {
  const auto beside = run({"report", ledger()});
  BOOST_TEST(beside.code == 0, beside.err);
  BOOST_TEST(beside.out == "");
  BOOST_TEST(beside.err.find(ledger() + ".html") != std::string::npos, beside.err);
  const auto page = read_file(ledger() + ".html");
  BOOST_TEST(page.starts_with("<!doctype html>"));
  BOOST_TEST(run({"report", ledger(), "-o", dir / "named.html"}).code == 0);
  const auto named = read_file(dir / "named.html");
  BOOST_TEST(named.starts_with("<!doctype html>"));
  BOOST_TEST(named.find(ledger()) != std::string::npos);
  const auto printed = run({"report", ledger(), "-o", "-"});
  BOOST_TEST(printed.code == 0);
  BOOST_TEST(printed.out.starts_with("<!doctype html>"));
}

BOOST_FIXTURE_TEST_CASE(what_the_page_shows_is_to_be_had_as_json, submitted_world) {
  const auto shown = run({"report", ledger(), "--json"});
  BOOST_TEST(shown.code == 0, shown.err);
  const auto picture = shown.json();
  BOOST_TEST(picture["jobs"]["submitted"] == 2);
  BOOST_TEST(picture["problems"][0]["kind"] == "rejected");
  BOOST_TEST(picture["quota"]["limits"][0]["limit"] == "1000000/1s");
  BOOST_TEST(picture["runs"][0]["stop_reason"] == "done");
  BOOST_TEST(run({"report", ledger(), "--json", "-o", dir / "p.json"}).out == "");
  BOOST_TEST(nlohmann::json::parse(read_file(dir / "p.json"))["jobs"]["total"] == 3);
}

BOOST_FIXTURE_TEST_CASE(a_ledger_that_cannot_be_read_is_66, submitted_world) {
  const auto missing = run({"report", dir / "no.ledger"});
  BOOST_TEST(missing.code == 66);
  BOOST_TEST(missing.err.find("there is no ledger") != std::string::npos, missing.err);
  write_file(dir / "text", "no ledger at all");
  BOOST_TEST(run({"report", dir / "text"}).code == 66);
  BOOST_TEST(!std::filesystem::exists(dir / "text.html"));
}

BOOST_FIXTURE_TEST_CASE(a_page_that_cannot_be_written_is_74, submitted_world) {
  const auto nowhere = run({"report", ledger(), "-o", dir / "missing/page.html"});
  BOOST_TEST(nowhere.code == 74);
  BOOST_TEST(nowhere.err.find("cannot write") != std::string::npos, nowhere.err);
  BOOST_TEST(run({"report", ledger(), "-o", "/dev/full"}).code == 74);
}

BOOST_FIXTURE_TEST_CASE(nothing_takes_the_place_of_the_ledger, submitted_world) {
  std::filesystem::create_symlink(ledger(), dir / "link");
  const auto before = read_file(ledger());
  for (const auto& name : {ledger(), ledger() + "-wal", ledger() + "-shm", ledger() + "-journal", ledger() + ".lock",
                           std::string(dir / "link"), dir / "./m.jsonl.ledger"}) {
    const auto refused = run({"report", ledger(), "-o", name});
    BOOST_TEST(refused.code == 64, name << ": " << refused.err);
  }
  BOOST_TEST(read_file(ledger()) == before);
  BOOST_TEST(!std::filesystem::exists(ledger() + "-wal"));
}

BOOST_FIXTURE_TEST_CASE(nor_does_what_a_run_writes, submitted_world) {
  const auto ledger_before = read_file(ledger()), manifest_before = read_file(manifest());
  for (const auto* option : {"--summary-file", "--metrics-file", "--log-file"}) {
    for (const auto& name : {ledger(), ledger() + "-wal", ledger() + ".lock"}) {
      const auto tracking = run({"track", ledger(), option, name});
      BOOST_TEST(tracking.code == 64, option << " " << name << ": " << tracking.err);
      BOOST_TEST(submit({option, name}).code == 64, option << " " << name);
    }
    const auto refused = submit({option, manifest()});
    BOOST_TEST(refused.code == 64);
    BOOST_TEST(submit({option, ""}).code == 64); // an unset variable in a script
    BOOST_TEST(refused.err.find(manifest()) != std::string::npos, refused.err);
  }
  BOOST_TEST(run({"export", ledger(), "-o", ledger() + "-wal"}).code == 64);
  BOOST_TEST(read_file(ledger()) == ledger_before);
  BOOST_TEST(read_file(manifest()) == manifest_before);
}

BOOST_FIXTURE_TEST_CASE(a_run_that_goes_on_is_shown_as_it_stands, world) {
  write_file(manifest(), entries(0, 30));
  const auto submitting = start(submit_command({"--limit", "10/60s"}));
  for (int i = 0; i < 1000; ++i) { // there is no other sign of it from outside
    if (std::filesystem::exists(ledger()) && run({"report", ledger(), "--json"}).code == 0)
      if (run({"report", ledger(), "--json"}).json()["jobs"]["submitted"] == 10) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  const auto picture = run({"report", ledger(), "--json"}).json();
  BOOST_TEST(picture["running"] == true);
  BOOST_TEST(picture["doing"] == "submitting");
  BOOST_TEST(picture["jobs"]["submitted"] == 10);
  BOOST_TEST(picture["problems"].empty());
  submitting->signal(SIGTERM);
  BOOST_TEST(submitting->wait().code == 75);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace mcbatch::tests
