#include "conversion_row.hpp"
#include "store_impl.hpp"
#include "survey.hpp"
#include "totals.hpp"

#include <mcbatch/core/money.hpp>
#include <mcbatch/core/printable.hpp>

#include <stdexcept>

namespace mcbatch::ledger {
namespace {

/// Events that cannot be matched so far: some come before the answer to their own submission, and others are of jobs
/// that are not this ledger's. The oldest goes when there are more.
constexpr std::uint64_t most_early_events = 10'000;

constexpr std::size_t longest_type = 100; // bytes

/// As much of a name as is kept, of whole characters.
std::string shortened_type(std::string_view name) {
  std::string kept;
  while (!name.empty()) {
    const auto next = take_character(name);
    if (kept.size() + next.bytes.size() > longest_type) break;
    kept += next.bytes;
  }
  return kept;
}

std::optional<std::int64_t> seconds_of(const conversion& c) {
  return c.processing_time ? std::optional<std::int64_t>(c.processing_time->count()) : std::nullopt;
}

} // namespace

std::int64_t store::impl::type_of(std::string_view name) {
  if (name.empty()) return 0;
  auto type = shortened_type(name);
  if (const auto found = types.find(type); found != types.end()) return found->second;
  if (std::ssize(types) >= most_types) {
    type = other_types;
    if (const auto found = types.find(type); found != types.end()) return found->second;
  }
  prepared.type_add.run(type);
  return types[type] = db.last_insert_id();
}

job_key store::impl::key_of(std::int64_t id) {
  auto r = prepared.key_find.query(id);
  if (!r.next()) throw sql::error(SQLITE_CORRUPT, "job " + std::to_string(id) + " is gone");
  return r.key(0);
}

progress store::impl::convert(std::int64_t id, const conversion& heard, wall_time at) {
  missing.drop(id);
  conversion now_known;
  bool on_record = false;
  {
    auto r = prepared.conversion_find.query(id);
    on_record = r.next();
    if (on_record) now_known = conversion_of(r, 0);
  }
  const auto before = now_known;
  if (!learn(now_known, heard)) return {};
  prepared.conversion_put.run(id, static_cast<int>(now_known.state), now_known.progress_percent, now_known.cost_micros,
                              seconds_of(now_known), now_known.output_bytes, now_known.error, now_known.message,
                              now_known.ended_at, at);
  if (on_record) --conversions[before.state];
  ++conversions[now_known.state];
  if (now_known.cost_micros && !before.cost_micros && is_believed(*now_known.cost_micros)) {
    auto r = prepared.estimate_find.query(id);
    const bool estimated = r.next() && !r.null(0);
    const auto beyond = *now_known.cost_micros - (estimated ? believed_cost(r, 0) : 0);
    beyond_estimates = add_saturating(beyond_estimates, beyond);
    late.beyond_estimates = add_saturating(late.beyond_estimates, beyond);
    late.first_prices += estimated ? 0U : 1U;
  }
  return {true, is_final(now_known.state) && !is_final(before.state)};
}

void store::impl::recall(std::int64_t id, std::string_view job_id) {
  conversion heard;
  wall_time at{};
  {
    auto r = prepared.early_find.query(job_id);
    if (!r.next()) return;
    heard = conversion_of(r, 0);
    at = r.time(8);
  }
  convert(id, heard, at);
  prepared.early_drop.run(job_id);
  --early_events;
}

void store::impl::prove(std::int64_t id, const outcome& what) {
  wall_time sent{};
  job_state from{};
  {
    auto r = prepared.job_prove.query(id);
    if (!r.next()) throw std::logic_error("job " + std::to_string(id) + " is not in doubt (a bug in mcbatch)");
    sent = r.time(0);
    from = r.integer<job_state>(1);
  }
  prepared.job_set_submitted.run(id);
  proven_in_this_run = true;
  if (from == job_state::pending) proven_pending.insert(id);
  moved(id, from, job_state::submitted);
  prepared.answer_put.run(id, what.http_status, what.job_id, what.job_status, what.error, what.message,
                          what.estimated_cost_micros, sent);
  count_cost(what);
  if (early_events != 0) recall(id, what.job_id);
}

void store::impl::count_cost(const outcome& accepted) {
  const auto cost = accepted.estimated_cost_micros.value_or(0);
  if (is_believed(cost)) cost_micros = add_saturating(cost_micros, cost);
}

void store::impl::prove_by_early_event(std::int64_t id, const job_key& key) {
  outcome what;
  what.what = meaning::accepted;
  {
    auto r = prepared.early_find_by_key.query(key);
    if (!r.next()) return;
    what.job_id = r.bytes(0);
  }
  if (!find_by_job_id(what.job_id)) prove(id, what); // one job of the service's is no proof of two
}

void store::impl::believe_early_events() {
  std::vector<job_key> keys;
  {
    sql::statement named(db, "SELECT key FROM early_events WHERE key IS NOT NULL");
    for (auto r = named.query(); r.next();)
      keys.push_back(r.key(0));
  }
  for (const auto& key : keys)
    if (const auto job = find_doubted(key)) prove_by_early_event(*job, key);
}

std::optional<std::int64_t> store::impl::find_doubted(const job_key& key) {
  auto r = prepared.doubted_find.query(key);
  return r.next() ? std::optional(r.integer(0)) : std::nullopt;
}

std::optional<std::int64_t> store::impl::find_by_job_id(std::string_view job_id) {
  auto r = prepared.submitted_find.query(job_id);
  return r.next() ? std::optional(r.integer(0)) : std::nullopt;
}

event_fate store::impl::keep_early(const heard_event& event, wall_time at) {
  conversion all;
  bool kept = false;
  std::optional<job_key> named; // by the event that was kept: the one who names it first is believed
  {
    auto r = prepared.early_find.query(event.job_id);
    kept = r.next();
    if (kept) all = conversion_of(r, 0);
    if (kept && !r.null(9)) named = r.key(9);
  }
  const bool is_news = learn(all, event.what) || (event.key && !named);
  if (kept && !is_news) return event_fate::no_news;
  if (!kept && early_events >= most_early_events) {
    prepared.early_drop_oldest.run();
    --early_events;
  }
  prepared.early_put.run(event.job_id, named ? named : event.key, static_cast<int>(all.state), all.progress_percent,
                         all.cost_micros, seconds_of(all), all.output_bytes, all.error, all.message, all.ended_at, at);
  if (!kept) ++early_events;
  return event_fate::early;
}

// The store

conversion_counts store::conversions() const {
  auto all = impl_->conversions;
  const auto heard_of = all.ended() + all[conversion_state::processing] + all[conversion_state::pending];
  all[conversion_state::pending] += impl_->counts[job_state::submitted] - heard_of;
  return all;
}

std::vector<cost_line> store::costs() const {
  return costs_of(impl_->db);
}

survey store::survey(std::size_t most_groups, std::size_t most_places) const {
  return survey_of(impl_->db, most_groups, most_places);
}

std::int64_t store::spent_micros() const {
  return add_saturating(impl_->cost_micros, impl_->beyond_estimates);
}

late_costs store::late_costs() const {
  return impl_->late;
}

unpriced store::unpriced() const {
  return count_unpriced(impl_->db);
}

bool store::is_proven(std::int64_t id) const {
  return impl_->proven_pending.contains(id);
}

progress store::follow(std::int64_t id, const conversion& said, wall_time at) {
  return impl_->convert(id, said, at);
}

hearing store::hear(const heard_event& event, wall_time at) {
  // By the service's id first: a job that was sent twice has two of them, and the ledger knows one.
  if (const auto id = impl_->find_by_job_id(event.job_id)) {
    const auto made = impl_->convert(*id, event.what, at);
    return {made.is_news ? event_fate::news : event_fate::no_news, id, made.ended};
  }
  const auto job = event.key ? impl_->find_doubted(*event.key) : std::nullopt;
  if (!job) return {impl_->keep_early(event, at), {}, false};
  outcome what;
  what.what = meaning::accepted;
  what.job_id = event.job_id;
  impl_->prove(*job, what);
  return {event_fate::proof, job, impl_->convert(*job, event.what, at).ended};
}

open_conversions store::find_open(std::int64_t after, std::int64_t rows) const {
  open_conversions some;
  some.searched_to = after + rows;
  sql::statement open(impl_->db, "SELECT jobs.id, job_id, coalesce(name, ''), answered_at FROM jobs "
                                 "JOIN answers USING (id) LEFT JOIN conversions USING (id) "
                                 "LEFT JOIN job_types ON job_types.id = type "
                                 "WHERE jobs.id > ? AND jobs.id <= ? AND jobs.state = 2 "
                                 "AND coalesce(conversions.state, 0) < 2 ORDER BY jobs.id");
  for (auto r = open.query(after, some.searched_to); r.next();)
    some.found.push_back({r.integer(0), std::string(r.bytes(1)), std::string(r.bytes(2)), r.time(3)});
  some.all_was_searched = some.searched_to >= sql::query_integer(impl_->db, "SELECT max(id) FROM jobs");
  return some;
}

} // namespace mcbatch::ledger
