#include "support.hpp"

#include <array>
#include <cstdlib>

namespace mcbatch {

std::ostream& operator<<(std::ostream& out, job_state s) {
  return out << to_string(s);
}

std::ostream& operator<<(std::ostream& out, errc e) {
  return out << to_string(e);
}

} // namespace mcbatch

namespace mcbatch::ledger {

std::ostream& operator<<(std::ostream& out, import_kind k) {
  constexpr std::array names{"fresh", "requeued", "skipped", "left", "duplicate", "conflict", "resubmitted"};
  return out << names.at(static_cast<std::size_t>(k));
}

} // namespace mcbatch::ledger

namespace mcbatch::ledger::test {

temporary_directory::temporary_directory() {
  auto name = (std::filesystem::temp_directory_path() / "mcbatch-ledger-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed for " + name);
  path_ = name;
}

temporary_directory::~temporary_directory() {
  std::error_code left_over;
  std::filesystem::remove_all(path_, left_over);
}

job_key key_of(std::uint64_t n) {
  job_key key;
  for (std::size_t i = 0; i < sizeof n; ++i)
    key.bytes[i] = static_cast<unsigned char>(n >> (8 * i));
  return key;
}

store open_store(const std::filesystem::path& path, bool resubmit_in_doubt) {
  return must(store::create_or_open(
      path, {.key_field = std::nullopt, .resubmit_in_doubt = resubmit_in_doubt, .lock_wait = duration::zero()}));
}

store open_store_by(const std::filesystem::path& path, std::string key_field) {
  return must(store::create_or_open(
      path, {.key_field = std::move(key_field), .resubmit_in_doubt = false, .lock_wait = duration::zero()}));
}

store open_store_with(const std::filesystem::path& path, std::size_t keys_in_memory) {
  store_options options;
  options.keys_in_memory = keys_in_memory;
  return must(store::create_or_open(path, options));
}

void remove_ledger(const std::filesystem::path& path) {
  for (const char* suffix : {"", "-wal", "-shm", ".lock", ".new", ".new-journal"})
    std::filesystem::remove(path.string() + suffix);
}

void change(store& s, const std::function<void(store&)>& work) {
  must(s.transact(work));
}

import_result import_one(store& s, std::uint64_t n, std::string_view body) {
  import_result r;
  change(s, [&](store& l) { r = l.import({key_of(n), key_of(n), body, l.manifest("a.jsonl"), n}); });
  return r;
}

verdict verdict_of(meaning what) {
  verdict v;
  v.state = state_after(what);
  v.at = noon;
  v.what.what = what;
  return v;
}

void bring_to(store& s, std::int64_t id, job_state state) {
  verdict v;
  v.state = state;
  v.at = noon;
  change(s, [&](store& l) {
    if (state == job_state::pending) return;
    if (state != job_state::expired) l.begin(id, noon);
    if (state != job_state::sending) l.finish(id, v);
  });
}

std::vector<record> all_records(const std::filesystem::path& path, const record_filter& filter) {
  auto r = must(reading::open(path));
  std::vector<record> records;
  must(r.for_each(filter, [&](const record& one) {
    records.push_back(one);
    return true;
  }));
  return records;
}

record only_record(const std::filesystem::path& path) {
  auto records = all_records(path);
  if (records.size() != 1) throw std::runtime_error("expected one record, not " + std::to_string(records.size()));
  return records.front();
}

void here(std::function<void()> f) {
  f();
}

} // namespace mcbatch::ledger::test
