#include "moved_keys.hpp"

namespace mcbatch::ledger {
namespace {

std::string sentence(sql::database& db, const sql::error& e) {
  std::string what = "the temporary file for the keys of its jobs";
  if (const auto folder = db.temporary_folder(); !folder.empty()) what += ", in " + folder.string();
  return what + ": " + (e.no_temporary_folder() ? "there is no folder for it that can be written" : e.what());
}

/// What `work` gives. Its errors are told from the ledger's.
template <class Work>
auto with(sql::database& db, Work work) {
  try {
    return work();
  } catch (const sql::error& e) {
    throw temporary_file_error(e, sentence(db, e));
  }
}

/// Nobody looks into the file once its process is gone, so that nothing of it needs a journal, a sync or a commit.
sql::database opened() {
  auto db = sql::database::temporary();
  with(db, [&] {
    db.exec("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -2048");
    // The part and the row are one number, by which they are sorted: a part may have several rows.
    db.exec("CREATE TABLE keys(part_and_row INTEGER PRIMARY KEY) STRICT");
    db.exec("BEGIN");
  });
  return db;
}

sql::statement prepared(sql::database& db, std::string_view text) {
  return with(db, [&] { return sql::statement(db, text); });
}

std::int64_t joined(std::uint32_t part, std::uint32_t row) {
  return static_cast<std::int64_t>(std::uint64_t{part} << 32 | row);
}

} // namespace

moved_keys::moved_keys()
    : db_(opened()), add_(prepared(db_, "INSERT INTO keys VALUES (?)")),
      find_(prepared(db_, "SELECT part_and_row & 0xffffffff FROM keys WHERE part_and_row BETWEEN ? AND ?")) {}

void moved_keys::add(std::uint32_t part, std::uint32_t row) {
  with(db_, [&] { add_.run(joined(part, row)); });
}

sql::rows moved_keys::rows_of(std::uint32_t part) {
  return with(db_, [&] { return find_.query(joined(part, 0), joined(part, UINT32_MAX)); });
}

bool moved_keys::next(sql::rows& r) {
  return with(db_, [&] { return r.next(); });
}

} // namespace mcbatch::ledger
