// The least that a table of jobs could cost: the same three statements on SQLite alone, as durable (WAL,
// synchronous=FULL), in one table, without checks and without counts. What the ledger takes beyond it is its own.

#include "micro/sample.hpp"

#include "ledger/sqlite.hpp"

#include <benchmark/benchmark.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace {

using namespace mcbatch;
namespace sql = ledger::sql;

constexpr wall_time noon{std::chrono::seconds(1705320000)};

constexpr const char* schema = R"sql(
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA cache_size = -32768; -- as the ledger's
CREATE TABLE jobs(
  id INTEGER PRIMARY KEY,
  key BLOB NOT NULL UNIQUE,
  body BLOB NOT NULL,
  state INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  sent_at INTEGER,
  http_status INTEGER,
  job_id TEXT,
  answered_at INTEGER) STRICT;
)sql";

sql::database create(const std::filesystem::path& path) {
  std::ofstream{path};
  sql::database db(path, sql::access::write);
  db.exec(schema);
  return db;
}

class table {
public:
  explicit table(std::int64_t batch) : batch_(batch) {}

  void import() {
    sql::transaction whole(db_);
    for (std::int64_t i = 0; i < batch_; ++i)
      insert_.run(keys_.next(), sql::blob{body_});
    whole.commit();
    last_ += batch_;
  }

  void begin() {
    for_the_last_batch([this](std::int64_t id) { begin_.run(noon, id); });
  }

  void finish() {
    for_the_last_batch([this](std::int64_t id) { finish_.run(answer_, noon, id); });
  }

private:
  template <class Step>
  void for_the_last_batch(const Step& step) {
    sql::transaction whole(db_);
    for (auto id = last_ - batch_ + 1; id <= last_; ++id)
      step(id);
    whole.commit();
  }

  std::int64_t batch_;
  std::int64_t last_ = 0;
  bench::key_source keys_;
  std::string body_ = bench::body_of(1);
  std::string answer_ = "job_0123456789abcdef0123456789abcdef";
  bench::scratch_folder folder_;
  sql::database db_ = create(folder_ / "jobs.db");
  sql::statement insert_{db_, "INSERT INTO jobs(key, body, state) VALUES(?, ?, 0)"};
  sql::statement begin_{db_, "UPDATE jobs SET state = 1, attempts = attempts + 1, sent_at = ? "
                             "WHERE id = ? AND state = 0"};
  sql::statement finish_{db_, "UPDATE jobs SET state = 2, http_status = 201, job_id = ?, answered_at = ? "
                              "WHERE id = ? AND state = 1"};
};

void raw_sqlite_import(benchmark::State& state) {
  table t(state.range(0));
  for (auto _ : state)
    t.import();
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(raw_sqlite_import)->RangeMultiplier(8)->Range(1, 4096)->UseRealTime()->Unit(benchmark::kMicrosecond);

void raw_sqlite_begin_finish(benchmark::State& state) {
  table t(state.range(0));
  for (auto _ : state) {
    state.PauseTiming();
    t.import();
    state.ResumeTiming();
    t.begin();
    t.finish();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(raw_sqlite_begin_finish)->RangeMultiplier(8)->Range(1, 4096)->UseRealTime()->Unit(benchmark::kMicrosecond);

} // namespace
