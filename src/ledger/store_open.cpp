#include "failures.hpp"
#include "file_system.hpp"
#include "header.hpp"
#include "original.hpp"
#include "schema.hpp"
#include "store_impl.hpp"
#include "sync.hpp"
#include "totals.hpp"
#include "wal_file.hpp"

#include <system_error>
#include <utility>

namespace mcbatch::ledger {
namespace {

failure no_ledger(const std::filesystem::path& path) {
  return {errc::cannot_open,
          "there is no ledger at " + path.string() + ": check its name, or give a manifest to begin one."};
}

std::optional<std::string> remembered(sql::database& db, std::string_view name) {
  sql::statement find(db, "SELECT value FROM meta WHERE name = ?");
  auto r = find.query(name);
  if (!r.next()) return std::nullopt;
  return std::string(r.bytes(0));
}

std::string id_of(sql::database& db) {
  auto id = remembered(db, "ledger_id");
  if (!id) throw sql::error(SQLITE_CORRUPT, "it has lost its id");
  return *id;
}

std::string address_secret_of(sql::database& db) {
  auto secret = remembered(db, "address_secret");
  if (!secret) throw sql::error(SQLITE_CORRUPT, "it has lost the secret of its addresses");
  return *secret;
}

/// The same entries under another key field would be other jobs, and go out again.
result<void> check_key_field(sql::database& db, const std::filesystem::path& path,
                             const std::optional<std::string>& wanted) {
  const auto ours = remembered(db, "key_field");
  if (ours == wanted) return {};
  const auto rule = ours ? "by the field \"" + *ours + "\": run with --key " + *ours
                         : std::string("by the whole entry: run without --key");
  return failure{errc::usage, "the ledger " + path.string() + " identifies jobs " + rule + ", or use another ledger."};
}

/// Every commit is synced to the disk (FULL), and readers are never shut out (WAL).
void set_up(sql::database& db, const std::filesystem::path& path) {
  db.exec("PRAGMA synchronous = FULL");
  enter_wal(db, path);
  // What a run that died had written last may not be on the disk: it is, before anything is built on it.
  db.exec("PRAGMA wal_checkpoint(PASSIVE)");
  db.exec("PRAGMA cache_size = -8192"); // 8 MiB: a run goes through the tables from end to end, and more gains nothing
  db.exec("PRAGMA wal_autocheckpoint = 2000"); // 8 MiB: a tenth off what SQLite would take; twice as much gains nothing
}

/// What a run that died had in flight is in doubt: its bytes may have left.
void put_in_doubt(sql::database& db) {
  sql::transaction whole(db);
  db.exec("REPLACE INTO answers SELECT id, 0, '', '', 'interrupted', "
          "'The run that sent this job ended before the answer was recorded.', NULL, sent_at "
          "FROM jobs WHERE state = 1");
  db.exec("UPDATE jobs SET state = 4 WHERE state = 1");
  whole.commit();
}

/// The connection to a ledger that may be written: created if need be, and of the right kind. The lock is held.
result<sql::database> connect(const std::filesystem::path& path, const std::optional<std::string>& key_field,
                              bool may_create) {
  const auto there = look_at(path); // again: another run may have made it meanwhile
  if (!there) return there.error();
  if (*there != found::ledger && !may_create) return no_ledger(path);
  if (*there != found::ledger) {
    if (const auto made = create_ledger(path, key_field); !made) return made.error();
  } else if (const int reason = sync_name(path); reason != 0) { // which its maker may not have come to
    return failure{errc::cannot_write, "cannot write the ledger " + path.string() +
                                           ": its folder cannot be synced: " + std::generic_category().message(reason) +
                                           ". Nothing was sent. Run the same command again when the disk is well."};
  }
  if (const auto whole = check_log(path); !whole) return whole.error();
  if (const auto pages = check_size(path); !pages) return pages.error();
  if (const auto sound = check_log_content(path); !sound) return sound.error();
  sql::database db(path, sql::access::write);
  if (const auto known = check_version(db, path); !known) return known.error();
  if (may_create)
    if (const auto same = check_key_field(db, path, key_field); !same) return same.error();
  if (const auto original = check_original(db, path); !original) return original.error();
  return db;
}

} // namespace

result<store> store::create_or_open(const std::filesystem::path& path, const store_options& options) {
  return open(path, options, true);
}

result<store> store::open_existing(const std::filesystem::path& path, const store_options& options) {
  return open(path, options, false);
}

result<store> store::open(const std::filesystem::path& path, const store_options& options, bool may_create) {
  // A look before the lock, so that no lock file appears beside a file that is no ledger.
  const auto there = look_at(path);
  if (!there) return there.error();
  if (*there != found::ledger && !may_create) return no_ledger(path);
  if (const auto local = check_file_system(path); !local) return local.error();
  auto lock = file_lock::acquire(path, options.lock_wait);
  if (!lock) return lock.error();
  try {
    auto db = connect(path, options.key_field, may_create);
    if (!db) return db.error();
    auto only = file_lock::acquire_id(path, id_of(*db), options.lock_wait);
    if (!only) return only.error();
    set_up(*db, path);
    renew(*db, options.follow);
    return store(std::make_unique<impl>(path, std::move(*lock), std::move(*only), std::move(*db), options));
  } catch (const std::exception& e) {
    return write_failure(path, e);
  }
}

store::impl::impl(std::filesystem::path p, file_lock l, file_lock only, sql::database d, const store_options& options)
    : lock(std::move(l)), id_lock(std::move(only)), path(std::move(p)), db(std::move(d)), prepared(db),
      known(db, options.keys_in_memory), missing(db), ledger_id(id_of(db)), address_secret(address_secret_of(db)),
      has_key_field(remembered(db, "key_field").has_value()), resubmit_in_doubt(options.resubmit_in_doubt),
      copied(is_copy(db, path)), counts(count_states(db)) {
  remember_file(db, path);
  recovered = counts[job_state::sending];
  if (recovered != 0) {
    put_in_doubt(db);
    counts = count_states(db);
  }
  cost_micros = submitted_cost_micros(db);
  conversions = count_conversions(db);
  beyond_estimates = charged_beyond_estimates(db);
  {
    sql::statement all(db, "SELECT name, id FROM job_types");
    for (auto r = all.query(); r.next();)
      types.emplace(r.bytes(0), r.integer(1));
  }
  early_events = static_cast<std::uint64_t>(sql::query_integer(db, "SELECT count(*) FROM early_events"));
  if (early_events != 0 && counts[job_state::in_doubt] + counts[job_state::pending] != 0) {
    sql::transaction whole(db);
    believe_early_events();
    whole.commit();
    late = {}; // is of what comes from now on
  }
}

} // namespace mcbatch::ledger
