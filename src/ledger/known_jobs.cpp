#include "known_jobs.hpp"

#include <algorithm>

namespace mcbatch::ledger {
namespace {

constexpr std::size_t rows_at_once = 256;

/// How far behind the last row that was found another may be to be taken for its successor: some entries are invalid,
/// or were taken out of the manifest.
constexpr std::size_t near = 16;

known_job job_in(const sql::rows& r) {
  return {r.integer(0), r.integer<job_state>(2), r.integer<std::uint32_t>(3), r.integer<std::uint64_t>(4)};
}

} // namespace

known_jobs::known_jobs(sql::database& db, std::size_t in_memory)
    : by_id_(db, "SELECT id, key, state, manifest, line FROM jobs WHERE id = ?"),
      behind_(db, "SELECT id, key, state, manifest, line FROM jobs WHERE id > ? AND key IS NOT NULL ORDER BY id"),
      index_(in_memory), last_(sql::query_integer(db, "SELECT max(id) FROM jobs")) {}

std::optional<known_job> known_jobs::find(const job_key& key) {
  if (auto next = find_next(key)) return next;
  auto job = find_among_read(key);
  while (!job && read_to_ < last_) {
    read_behind(read_to_);
    const auto its = std::ranges::find(ahead_, key, &row::key);
    if (its == ahead_.end()) continue;
    next_ = static_cast<std::size_t>(its - ahead_.begin()) + 1;
    job = its->job;
  }
  if (job) found_ = job->id;
  return job;
}

known_job known_jobs::at(std::int64_t id) {
  auto r = by_id_.query(id);
  if (!r.next()) throw sql::error(SQLITE_CORRUPT, "job " + std::to_string(id) + " is gone");
  return job_in(r);
}

/// The job whose turn it is where entries come in the order of the rows, if it has that key.
std::optional<known_job> known_jobs::find_next(const job_key& key) {
  if (next_ == ahead_.size()) {
    if (ahead_.empty()) return std::nullopt;
    read_behind(found_);
  }
  const auto end = std::min(next_ + near, ahead_.size());
  for (auto n = next_; n < end; ++n) {
    if (ahead_[n].key != key) continue;
    next_ = n + 1;
    found_ = ahead_[n].job.id;
    return ahead_[n].job;
  }
  return std::nullopt;
}

std::optional<known_job> known_jobs::find_among_read(const job_key& key) {
  std::optional<known_job> job;
  index_.find(key, [&](std::int64_t id) {
    auto r = by_id_.query(id);
    if (!r.next() || r.null(1) || r.key(1) != key) return false;
    job = job_in(r);
    return true;
  });
  if (job && job->id > found_ && job->id - found_ <= std::int64_t{near}) read_behind(job->id);
  return job;
}

/// Looks ahead behind that row, and takes into the index what is new of it.
void known_jobs::read_behind(std::int64_t id) {
  ahead_.clear();
  next_ = 0;
  auto r = behind_.query(id);
  while (ahead_.size() < rows_at_once && r.next())
    ahead_.push_back({r.key(1), job_in(r)});
  if (id != read_to_ || read_to_ >= last_) return;
  for (const auto& one : ahead_)
    index_.add(one.key, one.job.id);
  read_to_ = ahead_.size() < rows_at_once ? last_ : ahead_.back().job.id;
}

} // namespace mcbatch::ledger
