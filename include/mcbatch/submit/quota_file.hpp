#ifndef MCBATCH_SUBMIT_QUOTA_FILE_HPP
#define MCBATCH_SUBMIT_QUOTA_FILE_HPP

#include <mcbatch/core/error.hpp>
#include <mcbatch/core/time.hpp>
#include <mcbatch/submit/event_log.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace mcbatch::submit {

/// An open file descriptor.
class descriptor {
public:
  explicit descriptor(int fd = -1) noexcept : fd_(fd) {}
  descriptor(descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  descriptor& operator=(descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~descriptor();
  [[nodiscard]] int get() const noexcept { return fd_; }

private:
  int fd_;
};

/// The account's state file: what was spent lately, by whichever process, as a log of the quota's events. It outlives
/// the process, so that neither a restart nor another manifest spends twice.
///
/// Every process of the account appends to the one file and reads what the others appended. A lock file beside it holds
/// a mutex for that and, for each process, a lock that falls with the process: so the living are told from the dead.
/// Times stand in it by both clocks: the monotonic one within a boot of the machine, the civil one across boots.
///
/// A file of the former format is read and written anew, so that an update does not forget what was spent. A process of
/// the former version that still runs does not know the new one: it begins the file anew, as both do with whatever is
/// none of theirs, and what was spent before is forgotten.
///
/// Not thread-safe; safe between processes while locked.
class quota_file : public event_log {
public:
  /// Opens or creates `path`, or what it leads to, and its folder, readable by the user alone. `process` is this run;
  /// `memory` is how long its events matter: older ones are dropped now and then. Errors: bad_setting, with what to do.
  static result<quota_file> open(const std::filesystem::path& path, std::uint64_t process, duration memory,
                                 now_pair now);

  void lock() override;
  void unlock() override;
  result<std::vector<quota::event>> read_new(now_pair now) override;
  result<void> append(std::span<const quota::event> events, now_pair now) override;
  [[nodiscard]] bool is_alive(std::uint64_t process) const override;

private:
  quota_file(std::filesystem::path path, descriptor lock, duration memory)
      : path_(std::move(path)), lock_(std::move(lock)), memory_(memory) {}

  result<void> open_data(bool may_be_former);
  result<void> compact(now_pair now);
  [[nodiscard]] failure problem(std::string_view what) const;

  std::filesystem::path path_;
  descriptor lock_, data_;
  duration memory_;
  std::int64_t read_to_ = 0, compact_at_ = 0;
};

/// Lets `other_name`, in the same folder, lead to the state file `path`: the account has a new token, and so a new
/// name. Where that name is in use already, by a run that knows no other, it stays, and that is told.
/// errc::bad_setting, with what to do.
result<void> name_quota_file(const std::filesystem::path& path, const std::filesystem::path& other_name);

} // namespace mcbatch::submit

#endif
