#include <mcbatch/ledger/reading.hpp>

#include "failures.hpp"
#include "header.hpp"
#include "missing_jobs.hpp"
#include "original.hpp"
#include "problems.hpp"
#include "records.hpp"
#include "runs.hpp"
#include "schema.hpp"
#include "sqlite.hpp"
#include "survey.hpp"
#include "totals.hpp"
#include "tries.hpp"
#include "wal_file.hpp"

#include <mcbatch/ledger/lock.hpp>

#include <type_traits>
#include <utility>

namespace mcbatch::ledger {
namespace {

/// A connection that was seen to read.
sql::database connect(const std::filesystem::path& path, sql::access how) {
  sql::database db(path, how);
  sql::query_integer(db, "SELECT count(*) FROM sqlite_schema");
  return db;
}

/// Reading a ledger in WAL mode takes a -shm file. Where that cannot be made, the ledger alone will do, provided that
/// nothing of it is elsewhere.
sql::database connect_somehow(const std::filesystem::path& path) {
  try {
    return connect(path, sql::access::read);
  } catch (const sql::error& e) {
    if (e.wants_rollback()) {
      connect(path, sql::access::write); // of a run that died while it left WAL mode
      return connect(path, sql::access::read);
    }
    if (holds_something(beside(path, "-wal")) || holds_something(beside(path, "-journal"))) throw;
    return connect(path, sql::access::read_immutable);
  }
}

/// To a reader it is all the same: the file cannot be read as a ledger.
failure unusable(failure f) {
  f.code = errc::cannot_open;
  return f;
}

failure nothing_there(const std::filesystem::path& path) {
  return {errc::cannot_open, "there is no ledger at " + path.string() + ": check its name."};
}

} // namespace

struct reading::impl {
  std::filesystem::path path;
  sql::database db;

  /// What `read` returns, or the failure.
  template <class Read>
  auto guarded(Read read) -> result<decltype(read())> {
    try {
      if constexpr (std::is_void_v<decltype(read())>) {
        read();
        return {};
      } else {
        return read();
      }
    } catch (const sql::error& e) {
      return read_failure(path, e);
    }
  }
};

reading::reading(std::unique_ptr<impl> i) noexcept : impl_(std::move(i)) {}
reading::reading(reading&&) noexcept = default;
reading& reading::operator=(reading&&) noexcept = default;
reading::~reading() = default;

result<reading> reading::open(const std::filesystem::path& path) {
  const auto there = look_at(path);
  if (!there) return unusable(there.error());
  if (*there != found::ledger) return nothing_there(path);
  if (const auto whole = check_log(path); !whole) return unusable(whole.error());
  if (const auto pages = check_size(path); !pages) return unusable(pages.error());
  const bool at_rest = !is_locked(path);
  // A run that began meanwhile has changed it.
  if (const auto sound = check_log_content(path); at_rest && !sound && !is_locked(path)) return unusable(sound.error());
  try {
    auto i = std::make_unique<impl>(impl{path, connect_somehow(path)});
    if (const auto known = check_version(i->db, path); !known) return unusable(known.error());
    if (const auto original = check_original(i->db, path); !original) return unusable(original.error());
    return reading(std::move(i));
  } catch (const sql::error& e) {
    return read_failure(path, e);
  }
}

result<reading> reading::beside(const std::filesystem::path& path) {
  try {
    return reading(std::make_unique<impl>(impl{path, connect(path, sql::access::read)}));
  } catch (const sql::error& e) {
    return read_failure(path, e);
  }
}

result<state_counts> reading::counts() {
  return impl_->guarded([&] { return count_states(impl_->db); });
}

result<std::vector<cost_line>> reading::costs() {
  return impl_->guarded([&] { return costs_of(impl_->db); });
}

result<std::vector<std::string>> reading::manifests() {
  return impl_->guarded([&] { return manifest_names(impl_->db); });
}

result<std::optional<run_record>> reading::last_run() {
  return impl_->guarded([&] { return ledger::last_run(impl_->db); });
}

result<std::vector<run_record>> reading::runs() {
  return impl_->guarded([&] { return all_runs(impl_->db); });
}

result<problem_groups> reading::problems(std::size_t most_groups, std::size_t most_places) {
  return impl_->guarded([&] { return group_problems(impl_->db, most_groups, most_places); });
}

result<std::uint64_t> reading::missing() {
  return impl_->guarded([&] { return count_missing(impl_->db); });
}

result<survey> reading::survey(std::size_t most_groups, std::size_t most_places) {
  return impl_->guarded([&] {
    const sql::transaction snapshot(impl_->db);
    return survey_of(impl_->db, most_groups, most_places);
  });
}

result<std::optional<wait_note>> reading::wait() {
  return impl_->guarded([&]() -> std::optional<wait_note> {
    sql::statement note(impl_->db, "SELECT a.value, b.value, CAST(c.value AS INTEGER) FROM meta a, meta b, meta c "
                                   "WHERE a.name = 'wait_for' AND b.name = 'wait_window' AND c.name = 'wait_until'");
    auto r = note.query();
    if (!r.next()) return std::nullopt;
    return wait_note{std::string(r.bytes(0)), std::string(r.bytes(1)), r.time(2)};
  });
}

bool reading::being_written() const {
  return is_locked(impl_->path);
}

result<void> reading::for_each(const record_filter& filter, const std::function<bool(const record&)>& each) {
  return impl_->guarded([&] { for_each_record(impl_->db, filter, each); });
}

result<void> reading::visit_tries(const std::function<void(const try_record&)>& each) {
  return impl_->guarded([&] { ledger::visit_tries(impl_->db, each); });
}

result<void> reading::at_one_moment(const std::function<result<void>()>& read) {
  try {
    const sql::transaction snapshot(impl_->db); // it changes nothing, and its end undoes nothing
    return read();
  } catch (const sql::error& e) {
    return read_failure(impl_->path, e);
  }
}

} // namespace mcbatch::ledger
