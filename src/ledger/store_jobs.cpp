#include "records.hpp"
#include "store_impl.hpp"

#include <algorithm>
#include <stdexcept>

namespace mcbatch::ledger {
namespace {

/// A step that the states do not allow is a bug; it stops the run like a failing disk, before anything else is sent.
std::logic_error not_allowed(std::int64_t first, std::int64_t last, std::string_view step) {
  const auto jobs = first == last ? "job " + std::to_string(first)
                                  : "one of the jobs " + std::to_string(first) + " to " + std::to_string(last);
  return std::logic_error(jobs + " is not in a state from which it can become " + std::string(step) +
                          " (a bug in mcbatch)");
}

std::logic_error not_allowed(std::int64_t id, std::string_view step) {
  return not_allowed(id, id, step);
}

/// Calls `each` with the first and the last of each range of ids that follow each other: one statement does for them.
template <class Each>
void for_each_range(std::span<const std::int64_t> ids, Each each) {
  for (std::size_t from = 0, to = 1; from < ids.size(); from = to++) {
    while (to < ids.size() && ids[to] == ids[to - 1] + 1)
      ++to;
    each(ids[from], ids[to - 1]);
  }
}

job_state state_before(const verdict& v) {
  return v.unsent || v.state == job_state::expired ? job_state::pending : job_state::sending;
}

/// Whether two verdicts do the same to the state of a job, whatever was answered.
bool end_alike(const verdict& a, const verdict& b) {
  return a.state == b.state && state_before(a) == state_before(b) && a.uncount_attempt == b.uncount_attempt &&
         a.doubted == b.doubted;
}

/// Puts jobs back by `update`, those of `keys` or all, and returns how many.
std::uint64_t put_back_where(sql::database& db, known_jobs& known, std::string update,
                             const std::vector<job_key>& keys) {
  if (keys.empty()) {
    sql::statement(db, update).run();
    return db.changes();
  }
  sql::statement one(db, update += " AND id = ?");
  std::uint64_t changed = 0;
  for (const auto& key : keys) {
    const auto job = known.find(key);
    if (!job) continue;
    one.run(job->id);
    changed += db.changes();
  }
  return changed;
}

} // namespace

void store::impl::moved(std::int64_t id, job_state from, job_state to) {
  --counts[from];
  ++counts[to];
  if (!seen.contains(id)) return;
  --run_counts[from];
  ++run_counts[to];
}

void store::impl::join(std::int64_t id, job_state state) {
  if (seen.insert(id)) ++run_counts[state];
}

void store::impl::queue(std::int64_t id, std::optional<wall_time> expires_at) {
  join(id, job_state::pending);
  due.insert(id, expires_at);
}

void store::queue_all_pending() {
  if (impl_->resubmit_in_doubt) retry({.rejected = false, .in_doubt = true, .expired = false, .keys = {}});
  sql::statement pending(impl_->db, "SELECT id, expires_at FROM jobs JOIN entries USING (id) WHERE state = 0");
  for (auto r = pending.query(); r.next();)
    impl_->queue(r.integer(0), r.null(1) ? std::nullopt : std::optional(r.time(1)));
}

std::vector<job> store::fetch(std::size_t n, fetch_order order) {
  std::vector<std::int64_t> ids;
  while (ids.size() < n) {
    const auto id = impl_->due.take(order);
    if (!id) break;
    if (!is_proven(*id)) ids.push_back(*id);
  }
  std::vector<job> jobs;
  for_each_range(ids, [&](std::int64_t first, std::int64_t last) {
    auto r = impl_->prepared.job_fetch.query(first, last);
    for (auto id = first; id <= last; ++id) {
      if (!r.next() || r.integer(6) != id)
        throw sql::error(SQLITE_CORRUPT, "job " + std::to_string(id) + " has no body");
      jobs.push_back({id, r.key(0), std::string(r.bytes(1)), r.integer<std::uint32_t>(2), r.integer<std::uint32_t>(3),
                      r.integer(4) != 0, r.null(5) ? std::nullopt : std::optional(r.time(5))});
    }
  });
  return jobs;
}

void store::give_back(std::span<const std::int64_t> ids) {
  for (const auto id : ids)
    if (!is_proven(id)) impl_->due.put_back(id);
}

void store::visit_due(const std::function<void(std::optional<wall_time>)>& each) const {
  if (impl_->due.any_ends()) impl_->due.for_each(each);
}

void store::begin(std::span<const std::int64_t> all, wall_time now) {
  std::vector<std::int64_t> ids(all.begin(), all.end());
  if (!impl_->proven_pending.empty()) std::erase_if(ids, [this](std::int64_t id) { return is_proven(id); });
  for_each_range(ids, [&](std::int64_t first, std::int64_t last) {
    impl_->prepared.job_begin.run(now, first, last);
    if (impl_->db.changes() != static_cast<std::uint64_t>(last - first + 1)) throw not_allowed(first, last, "sending");
    for (auto id = first; id <= last; ++id)
      impl_->moved(id, job_state::pending, job_state::sending);
  });
}

void store::finish(std::int64_t id, const verdict& v) {
  if (v.unsent && is_proven(id)) return;
  impl_->end_tries(id, id, v);
  impl_->keep_answer(id, v);
}

void store::finish(std::span<const job_verdict> all) {
  std::vector<const job_verdict*> by_id;
  by_id.reserve(all.size());
  for (const auto& one : all)
    by_id.push_back(&one);
  std::ranges::sort(by_id, {}, [](const job_verdict* one) { return one->job; });
  for (std::size_t from = 0, to = 1; from < by_id.size(); from = to++) {
    while (to < by_id.size() && by_id[to]->job == by_id[to - 1]->job + 1 &&
           end_alike(by_id[to]->said, by_id[from]->said))
      ++to;
    impl_->end_tries(by_id[from]->job, by_id[to - 1]->job, by_id[from]->said);
  }
  for (const auto* one : by_id)
    impl_->keep_answer(one->job, one->said);
}

void store::impl::end_tries(std::int64_t first, std::int64_t last, const verdict& v) {
  const auto from = state_before(v);
  prepared.job_finish.run(v.state, v.uncount_attempt, v.doubted, first, last, from);
  if (db.changes() != static_cast<std::uint64_t>(last - first + 1)) throw not_allowed(first, last, to_string(v.state));
  for (auto id = first; id <= last; ++id)
    moved(id, from, v.state);
}

void store::impl::keep_answer(std::int64_t id, const verdict& v) {
  const auto& answer = v.what;
  prepared.answer_put.run(id, answer.http_status, answer.job_id, answer.job_status, answer.error, answer.message,
                          answer.estimated_cost_micros, v.at);
  if (v.state == job_state::submitted) count_cost(answer);
  if (early_events == 0) return;
  if (v.state == job_state::submitted) recall(id, answer.job_id);
  const bool goes_again_in_doubt = v.state == job_state::pending && v.doubted;
  if (v.state == job_state::in_doubt || goes_again_in_doubt) prove_by_early_event(id, key_of(id));
}

void store::put_back(std::span<const std::int64_t> ids) {
  for (const auto id : ids) {
    auto r = impl_->prepared.job_put_back.query(id);
    if (!r.next()) {
      // In doubt when it was refused, it may have been proven since.
      if (impl_->proven_in_this_run && impl_->known.at(id).state == job_state::submitted) continue;
      throw not_allowed(id, "pending again");
    }
    const bool doubted = r.integer(0) != 0;
    impl_->moved(id, doubted ? job_state::in_doubt : job_state::rejected, job_state::pending);
  }
}

retry_counts store::retry(const retry_selection& selection) {
  retry_counts done;
  const auto put_back_from = [&](job_state from, std::string update) {
    const auto n = put_back_where(impl_->db, impl_->known, std::move(update), selection.keys);
    impl_->counts[from] -= n;
    impl_->counts[job_state::pending] += n;
    return n;
  };
  if (selection.rejected)
    done.rejected = put_back_from(job_state::rejected, "UPDATE jobs SET state = 0, attempts = 0, "
                                                       "generation = generation + 1 WHERE state = 3");
  if (selection.in_doubt)
    done.in_doubt = put_back_from(job_state::in_doubt, "UPDATE jobs SET state = 0, doubted = 1 WHERE state = 4");
  if (selection.expired) done.expired = put_back_from(job_state::expired, "UPDATE jobs SET state = 0 WHERE state = 6");
  return done;
}

void store::for_each(const record_filter& filter, const std::function<bool(const record&)>& each) const {
  for_each_record(impl_->db, filter, each);
}

void store::settle(const job_key& key, const outcome& what) {
  const auto job = impl_->known.find(key);
  if (!job || impl_->known.at(job->id).state != job_state::in_doubt)
    throw std::logic_error("the job " + to_hex(key) + " is not in doubt and cannot be settled (a bug in mcbatch)");
  impl_->prove(job->id, what);
}

} // namespace mcbatch::ledger
