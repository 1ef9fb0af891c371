#include "store_impl.hpp"

namespace mcbatch::ledger {
namespace {

/// A bad entry of that line: the next behind `after`, where a line has several.
std::optional<std::int64_t> find_bad(statements& prepared, const bad_entry& entry, std::int64_t after) {
  auto r = prepared.bad_find.query(entry.manifest, entry.line, after);
  return r.next() ? std::optional(r.integer(0)) : std::nullopt;
}

/// What `entries` keeps: nothing where it equals the key, as it does unless a key field is used.
std::optional<job_key> stored_content(const new_entry& entry) {
  return entry.content == entry.key ? std::nullopt : std::optional(entry.content);
}

/// Likewise: nothing where all of the body was read.
std::optional<std::int64_t> stored_own_size(const new_entry& entry) {
  if (entry.own_size == 0 || entry.own_size + 1 == entry.body.size()) return std::nullopt;
  return static_cast<std::int64_t>(entry.own_size);
}

constexpr std::optional<job_key> no_content;
constexpr std::optional<std::int64_t> all_of_it;
constexpr std::optional<wall_time> never;

} // namespace

std::uint32_t store::manifest(std::string_view name) {
  impl_->prepared.manifest_add.run(name);
  auto r = impl_->prepared.manifest_find.query(name);
  if (!r.next()) throw sql::error(SQLITE_CORRUPT, "a manifest's name was not kept");
  return r.integer<std::uint32_t>(0);
}

import_result store::import(const new_entry& entry) {
  const auto known = impl_->known.find(entry.key);
  if (!known) return impl_->import_fresh(entry);
  // But for jobs that events prove, this run changes only its own.
  const bool ours = impl_->seen.contains(known->id);
  const auto job = ours || impl_->proven_in_this_run ? impl_->known.at(known->id) : *known;
  return ours ? impl_->import_repeated(job, entry) : impl_->import_known(job, entry);
}

import_result store::impl::import_fresh(const new_entry& entry) {
  prepared.job_add.run(entry.key, job_state::pending, entry.manifest, entry.line, type_of(entry.job_type));
  const auto id = db.last_insert_id();
  known.add(entry.key, id);
  prepared.entry_add.run(id, sql::blob{entry.body}, stored_content(entry), stored_own_size(entry), entry.expires_at);
  ++counts[job_state::pending];
  queue(id, entry.expires_at);
  return {import_kind::fresh, id, 0};
}

import_result store::impl::import_known(const known_job& job, const new_entry& entry) {
  join(job.id, job.state);
  if (job.manifest != entry.manifest || job.line != entry.line)
    prepared.job_place.run(entry.manifest, entry.line, job.id);
  if (job.state == job_state::pending || job.state == job_state::expired) {
    take_body(job, entry);
    return {import_kind::requeued, job.id, 0};
  }
  if (job.state == job_state::in_doubt && resubmit_in_doubt) {
    take_body(job, entry);
    return {import_kind::resubmitted, job.id, 0};
  }
  if (content_of(job.id, entry.key) != entry.content) newer_content[job.id] = entry.content;
  return {job.state == job_state::submitted ? import_kind::skipped : import_kind::left, job.id, 0};
}

import_result store::impl::import_repeated(const known_job& job, const new_entry& entry) {
  const bool same = content_of(job.id, entry.key) == entry.content;
  return {same ? import_kind::duplicate : import_kind::conflict, job.id, job.line};
}

void store::impl::take_body(const known_job& job, const new_entry& entry) {
  prepared.entry_replace.run(job.id, sql::blob{entry.body}, stored_content(entry), stored_own_size(entry),
                             entry.expires_at);
  if (has_key_field) prepared.type_set.run(type_of(entry.job_type), job.id); // else it is the same entry
  if (job.state != job_state::pending) {
    prepared.job_requeue.run(job.state == job_state::in_doubt, job.id);
    moved(job.id, job.state, job_state::pending);
  }
  queue(job.id, entry.expires_at);
}

job_key store::impl::content_of(std::int64_t id, const job_key& key) {
  if (!has_key_field) return key;
  if (const auto newer = newer_content.find(id); newer != newer_content.end()) return newer->second;
  auto r = prepared.entry_content.query(id);
  return r.next() && !r.null(0) ? r.key(0) : key;
}

std::int64_t store::import_bad(const bad_entry& entry) {
  auto& last = impl_->last_bad;
  const bool same_line = last.manifest == entry.manifest && last.line == entry.line;
  const auto known = find_bad(impl_->prepared, entry, same_line ? last.id : 0);
  const auto id = known ? *known : impl_->add_bad(entry);
  last = {entry.manifest, entry.line, id};
  if (known) {
    impl_->prepared.entry_replace.run(id, sql::blob{entry.text}, no_content, all_of_it, never);
    impl_->prepared.problems_drop.run(id);
  }
  for (std::size_t number = 0; const auto& problem : entry.problems)
    impl_->prepared.problem_add.run(id, number++, problem.field, problem.message);
  impl_->join(id, job_state::invalid);
  return id;
}

std::int64_t store::impl::add_bad(const bad_entry& entry) {
  prepared.bad_add.run(entry.manifest, entry.line);
  const auto id = db.last_insert_id();
  prepared.entry_add.run(id, sql::blob{entry.text}, no_content, all_of_it, never);
  ++counts[job_state::invalid];
  return id;
}

void store::finish_manifest(std::uint32_t manifest) {
  std::vector<std::int64_t> gone;
  for (auto r = impl_->prepared.bad_of_manifest.query(manifest); r.next();)
    if (const auto id = r.integer(0); !impl_->seen.contains(id)) gone.push_back(id);
  for (const auto id : gone)
    impl_->drop_bad(id);
}

void store::impl::drop_bad(std::int64_t id) {
  prepared.problems_drop.run(id);
  prepared.entry_drop.run(id);
  prepared.job_drop.run(id);
  --counts[job_state::invalid];
}

} // namespace mcbatch::ledger
