#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "temporary_folder.hpp"

#include <mcbatch/ledger/reading.hpp>
#include <mcbatch/submit/importer.hpp>

#include <sqlite3.h>

#include <cerrno>
#include <fstream>
#include <future>
#include <string>

#include <sys/types.h>

namespace mcbatch::submit {
namespace {

using namespace std::chrono_literals;

ssize_t full_disk(int, const void*, std::size_t, off64_t) {
  errno = ENOSPC;
  return -1;
}

/// While it lives, SQLite can write nothing (sqlite3_vfs.xSetSystemCall).
class full_disk_scope {
public:
  full_disk_scope() { set(reinterpret_cast<sqlite3_syscall_ptr>(&full_disk)); }
  full_disk_scope(const full_disk_scope&) = delete;
  full_disk_scope& operator=(const full_disk_scope&) = delete;
  ~full_disk_scope() { set(nullptr); }

private:
  static void set(sqlite3_syscall_ptr call) {
    auto* vfs = sqlite3_vfs_find(nullptr);
    vfs->xSetSystemCall(vfs, "pwrite64", call);
    vfs->xSetSystemCall(vfs, "pwrite", call);
  }
};

/// An importer of one manifest, and nobody else who uses the ledger.
struct reading_alone {
  test::temporary_folder folder;
  std::filesystem::path path = folder.path() / "ledger";
  std::unique_ptr<ledger::writer> writer;
  importer::batch_report report;
  std::vector<failure> failures;
  std::optional<failure> end;
  ledger::writer::work first;

  explicit reading_alone(const std::string& manifest, std::optional<std::string> key_field = {}) {
    std::ofstream(folder.path() / "m.jsonl") << manifest;
    ledger::store_options options;
    options.key_field = std::move(key_field);
    writer = ledger::writer::start(ledger::store::create_or_open(path, options).value(), ledger::writer::mode::manual,
                                   [](const std::function<void()>& f) { f(); });
  }

  /// Until the importer said that it is at its end. Batches run here, and so do the callbacks for them.
  void run(const std::optional<std::string>& key_field = {}) {
    std::promise<std::optional<failure>> told;
    importer::callbacks calls;
    calls.batch = [this](importer::batch_report b) {
      report.counts += b.counts;
      report.temporary += b.temporary;
      for (auto& p : b.problems)
        report.problems.push_back(std::move(p));
    };
    calls.failed = [this](const failure& f) { failures.push_back(f); };
    calls.end = [&told](std::optional<failure> f) { told.set_value(std::move(f)); };
    calls.first = first;
    manifest_input input;
    input.name = (folder.path() / "m.jsonl").string();
    input.reading.key_field = key_field;
    const importer reads({input}, *writer, calls);
    auto ended = told.get_future();
    while (ended.wait_for(1ms) != std::future_status::ready)
      writer->pump();
    end = ended.get();
  }
};

std::string entry(const std::string& number, const std::string& more, const std::string& query = "") {
  return R"({"job_type":"video","input_format":"mov","output_format":"mp4","input_url":"https://h/i?)" + query +
         R"(","output_url":"https://h/)" + number + "\"" + more + "}\n";
}

} // namespace

BOOST_AUTO_TEST_SUITE(importer_alone)

BOOST_AUTO_TEST_CASE(a_batch_that_the_ledger_could_not_keep_is_told_as_a_failure) {
  reading_alone r(entry("1", "") + entry("2", ""));
  {
    const full_disk_scope full;
    r.run();
  }
  BOOST_REQUIRE(r.failures.size() == 1U);
  BOOST_TEST((r.failures.front().code == errc::ledger_failed));
  BOOST_TEST(r.failures.front().what.find("disk is full") != std::string::npos, r.failures.front().what);
  BOOST_TEST(r.report.counts.read == 0U);
  BOOST_TEST(!r.end.has_value()); // the manifest itself was read
}

BOOST_AUTO_TEST_CASE(what_should_not_wait_for_a_commit_of_its_own_goes_with_the_first_batch) {
  std::string manifest;
  for (int n = 0; n < 2000; ++n)
    manifest += entry(std::to_string(n), "");
  reading_alone r(manifest);
  int times = 0;
  std::uint64_t commits_before = 1;
  r.first = [&](ledger::store& s) {
    ++times;
    commits_before = r.writer->commits();
    BOOST_TEST(s.counts().total() == 0U);
  };
  r.run();
  BOOST_TEST(times == 1);
  BOOST_TEST(commits_before == 0U);
  BOOST_TEST(r.report.counts.queued == 2000U);
}

BOOST_AUTO_TEST_CASE(a_key_with_other_content_is_counted_told_and_recorded) {
  reading_alone r(entry("1", R"(,"id":7)") + entry("2", R"(,"id":7)"), "id");
  r.run("id");
  BOOST_TEST(r.report.counts.read == 2U);
  BOOST_TEST(r.report.counts.queued == 1U);
  BOOST_TEST(r.report.counts.invalid == 1U);
  BOOST_REQUIRE(r.report.problems.size() == 1U);
  BOOST_TEST(r.report.problems.front().line == 2U);
  BOOST_TEST(r.writer->close().has_value());
  std::vector<ledger::record> invalid;
  const auto keep = [&](const ledger::record& one) {
    invalid.push_back(one);
    return true;
  };
  auto ledger = ledger::reading::open(r.path).value();
  BOOST_TEST(ledger.for_each({{job_state::invalid}}, keep).has_value());
  BOOST_REQUIRE(invalid.size() == 1U);
  BOOST_TEST(invalid.front().line == 2U);
  BOOST_TEST(invalid.front().message.find("read before, in line 1") != std::string::npos, invalid.front().message);
}

BOOST_AUTO_TEST_CASE(jobs_with_temporary_credentials_are_counted_once_each) {
  const std::string temporary = "AWSAccessKeyId=A&Signature=S&Expires=4000000000&x-amz-security-token=t";
  reading_alone r(entry("1", "") + entry("2", "", temporary) + entry("3", "", temporary) + entry("2", "", temporary));
  r.run();
  BOOST_TEST(r.report.temporary.jobs == 2U);
  BOOST_TEST(r.report.temporary.line == 2U);
  BOOST_TEST(r.report.temporary.manifest == (r.folder.path() / "m.jsonl").string());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace mcbatch::submit
