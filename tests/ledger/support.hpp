#ifndef MCBATCH_TESTS_LEDGER_SUPPORT_HPP
#define MCBATCH_TESTS_LEDGER_SUPPORT_HPP

#include <mcbatch/ledger/reading.hpp>
#include <mcbatch/ledger/store.hpp>
#include <mcbatch/ledger/writer.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <ostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace mcbatch {

// Boost.Test finds these by the argument's namespace.
std::ostream& operator<<(std::ostream& out, job_state s);
std::ostream& operator<<(std::ostream& out, errc e);

} // namespace mcbatch

namespace mcbatch::ledger {

std::ostream& operator<<(std::ostream& out, import_kind k);

} // namespace mcbatch::ledger

namespace mcbatch::ledger::test {

/// A directory of its own, gone at the end.
class temporary_directory {
public:
  temporary_directory();
  temporary_directory(const temporary_directory&) = delete;
  temporary_directory& operator=(const temporary_directory&) = delete;
  ~temporary_directory();

  [[nodiscard]] std::filesystem::path operator/(std::string_view name) const { return path_ / name; }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
  std::filesystem::path path_;
};

/// What `r` holds; its sentence is the test's failure if it holds none.
template <class T>
T must(result<T> r) {
  if (!r) throw std::runtime_error("unexpected: " + r.error().what);
  if constexpr (!std::is_void_v<T>) return std::move(*r);
}

inline constexpr wall_time noon{std::chrono::seconds(1705320000)};

job_key key_of(std::uint64_t n);

store open_store(const std::filesystem::path& path, bool resubmit_in_doubt = false);
store open_store_by(const std::filesystem::path& path, std::string key_field);
store open_store_with(const std::filesystem::path& path, std::size_t keys_in_memory);

/// Removes the ledger and everything beside it, as after a crash.
void remove_ledger(const std::filesystem::path& path);

/// One transaction that must succeed.
void change(store& s, const std::function<void(store&)>& work);

/// Imports an entry of the manifest "a.jsonl" on line `n`, in a transaction of its own.
import_result import_one(store& s, std::uint64_t n, std::string_view body = "{}");

/// Brings the pending job `id` to `state` by the way that a run would take.
void bring_to(store& s, std::int64_t id, job_state state);

/// A verdict on a try that came to `what`, as the scheduler gives it.
verdict verdict_of(meaning what);

std::vector<record> all_records(const std::filesystem::path& path, const record_filter& filter = {});
record only_record(const std::filesystem::path& path);

/// Runs completions at once, where they are called.
void here(std::function<void()> f);

} // namespace mcbatch::ledger::test

#endif
