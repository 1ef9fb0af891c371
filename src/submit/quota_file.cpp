#include <mcbatch/submit/quota_file.hpp>

#include "submit/quota_history.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <fstream>
#include <limits>
#include <mutex>
#include <optional>
#include <type_traits>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace mcbatch::submit {
namespace {

using quota::event;
using quota::event_kind;

constexpr std::array<char, 8> magic{'m', 'c', 'q', 'u', 'o', 't', 'a', '2'};
constexpr std::array<char, 8> former_magic{'m', 'c', 'q', 'u', 'o', 't', 'a', '1'};
constexpr std::int64_t least_compacted_size = 1 << 20;
constexpr std::int64_t growth = 2; // of a compacted file, until it is compacted again

/// The beginning of the file.
struct file_header {
  std::array<char, 8> magic;
  std::array<char, 40> boot_id; // the boot whose monotonic clock the records were written by
  std::int64_t memory_ns;       // the longest that any process asked for
};

/// One event. Written in one piece; a record that a lost machine left as zeros has no kind and is passed over.
struct record {
  std::uint8_t kind, has_limit, unlimited, has_remaining, has_reset_in, has_reset_at, has_retry_after, has_window;
  std::uint64_t process, serial;
  std::int64_t mono_ns, wall_us;
  std::uint64_t limit, remaining;
  std::int64_t reset_in_ns, reset_at_s, retry_after_ns;
  // The former format's record ends here, with a zero in place of has_window.
  std::int64_t window_ns, exhausted_for_ns;
  std::uint8_t has_exhausted_for, unused[7];
  std::int64_t timeout_ns;
};
static_assert(sizeof(record) == 112 && std::is_trivially_copyable_v<record>);

constexpr std::size_t former_record_size = 80;
static_assert(offsetof(record, window_ns) == former_record_size);

std::int64_t size_of_records(const file_header& header) {
  return static_cast<std::int64_t>(header.magic == former_magic ? former_record_size : sizeof(record));
}

template <class T, class U>
void put(const std::optional<T>& value, std::uint8_t& has, U& field) {
  has = value.has_value();
  if constexpr (std::is_same_v<T, duration>)
    field = value.value_or(duration{}).count();
  else
    field = value.value_or(T{});
}

record encode(const event& e, now_pair now) {
  record r{};
  r.kind = static_cast<std::uint8_t>(e.kind);
  r.process = e.request.process;
  r.serial = e.request.serial;
  r.mono_ns = e.at.time_since_epoch().count();
  r.wall_us =
      (now.wall - std::chrono::duration_cast<std::chrono::microseconds>(now.mono - e.at)).time_since_epoch().count();
  r.unlimited = e.rate.unlimited;
  r.timeout_ns = e.timeout.count();
  put(e.rate.limit, r.has_limit, r.limit);
  put(e.rate.remaining, r.has_remaining, r.remaining);
  put(e.rate.reset_in, r.has_reset_in, r.reset_in_ns);
  put(e.rate.reset_at, r.has_reset_at, r.reset_at_s);
  put(e.rate.retry_after, r.has_retry_after, r.retry_after_ns);
  put(e.rate.window, r.has_window, r.window_ns);
  put(e.rate.exhausted_for, r.has_exhausted_for, r.exhausted_for_ns);
  if (e.kind == event_kind::over) r.limit = e.requests; // which has no headers of its own
  return r;
}

std::optional<event> decode(const record& r, bool same_boot, now_pair now) {
  if (r.kind < static_cast<std::uint8_t>(event_kind::leave) || r.kind > static_cast<std::uint8_t>(event_kind::over))
    return std::nullopt;
  event e;
  e.kind = static_cast<event_kind>(r.kind);
  e.request = {r.process, r.serial};
  const auto age = same_boot ? now.mono - instant(duration(r.mono_ns))
                             : duration(now.wall - wall_time(std::chrono::microseconds(r.wall_us)));
  e.at = now.mono - std::max(age, duration::zero()); // whatever the clock did, nothing was spent in the future
  e.rate.unlimited = r.unlimited != 0;
  e.timeout = duration(std::max<std::int64_t>(r.timeout_ns, 0));
  if (e.kind == event_kind::over) e.requests = std::max<std::uint64_t>(r.limit, 1);
  if (r.has_limit) e.rate.limit = r.limit;
  if (r.has_remaining) e.rate.remaining = r.remaining;
  if (r.has_reset_in) e.rate.reset_in = duration(r.reset_in_ns);
  if (r.has_reset_at) e.rate.reset_at = r.reset_at_s;
  if (r.has_retry_after) e.rate.retry_after = duration(r.retry_after_ns);
  if (r.has_window) e.rate.window = duration(r.window_ns);
  if (r.has_exhausted_for) e.rate.exhausted_for = duration(r.exhausted_for_ns);
  return e;
}

std::array<char, 40> this_boot() {
  static const auto boot = [] {
    std::array<char, 40> id{};
    std::ifstream("/proc/sys/kernel/random/boot_id").read(id.data(), 36);
    return id;
  }();
  return boot;
}

/// Where in the lock file the lock of a process stands; byte 0 is the mutex.
off_t place_of(std::uint64_t process) {
  return static_cast<off_t>(1 + (process & (std::numeric_limits<std::uint64_t>::max() >> 2)));
}

bool set_lock(int fd, int command, short type, off_t at) {
  struct flock range {};
  range.l_type = type;
  range.l_whence = SEEK_SET;
  range.l_start = at;
  range.l_len = 1;
  int done;
  do
    done = ::fcntl(fd, command, &range);
  while (done != 0 && errno == EINTR);
  return done == 0;
}

bool write_whole(int fd, const void* bytes, std::size_t size) {
  const auto written = ::write(fd, bytes, size);
  if (written >= 0 && written < static_cast<ssize_t>(size)) errno = ENOSPC; // what keeps a write to a file short
  return written == static_cast<ssize_t>(size);
}

/// The file itself, where `path` is a further name of it. Such a name leads to the file and to no other name.
std::filesystem::path target_of(const std::filesystem::path& path) {
  std::error_code no_link;
  const auto target = std::filesystem::read_symlink(path, no_link);
  return no_link ? path : path.parent_path() / target;
}

} // namespace

descriptor::~descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

void quota_file::lock() {
  set_lock(lock_.get(), F_OFD_SETLKW, F_WRLCK, 0);
}

void quota_file::unlock() {
  set_lock(lock_.get(), F_OFD_SETLK, F_UNLCK, 0);
}

failure quota_file::problem(std::string_view what) const {
  return {errc::bad_setting, "cannot " + std::string(what) + " " + path_.string() +
                                 ", which remembers what of the account's quota was spent: " + std::strerror(errno) +
                                 ". Make the folder writable, or set XDG_STATE_HOME to one that is"};
}

result<quota_file> quota_file::open(const std::filesystem::path& path, std::uint64_t process, duration memory,
                                    now_pair now) {
  quota_file file(target_of(path), descriptor(), memory);
  std::error_code ignored; // the open below says why
  if (std::filesystem::create_directories(path.parent_path(), ignored))
    std::filesystem::permissions(path.parent_path(), std::filesystem::perms::owner_all, ignored);
  file.lock_ = descriptor(::open((file.path_.string() + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (file.lock_.get() < 0) return file.problem("open");
  if (!set_lock(file.lock_.get(), F_OFD_SETLK, F_WRLCK, place_of(process))) return file.problem("lock");
  {
    const std::lock_guard whole(file); // ends before `file` moves to the caller, and the lock with it
    if (auto opened = file.open_data(true); !opened) return opened.error();
    if (auto compacted = file.compact(now); !compacted) return compacted.error();
  }
  file.read_to_ = sizeof(file_header);
  return file;
}

/// `may_be_former`: it is compacted next, and so brought into our format.
result<void> quota_file::open_data(bool may_be_former) {
  data_ = descriptor(::open(path_.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600));
  if (data_.get() < 0) return problem("open");
  file_header header{};
  const auto got = ::pread(data_.get(), &header, sizeof header, 0);
  if (got < 0) return problem("read");
  const bool is_ours = got == static_cast<ssize_t>(sizeof header) &&
                       (header.magic == magic || (may_be_former && header.magic == former_magic));
  if (!is_ours) {
    header = {magic, this_boot(), memory_.count()};
    if (::ftruncate(data_.get(), 0) != 0 || !write_whole(data_.get(), &header, sizeof header)) return problem("write");
  }
  read_to_ = sizeof header;
  return {};
}

result<std::vector<event>> quota_file::read_new(now_pair now) {
  struct stat status {};
  if (::fstat(data_.get(), &status) != 0) return problem("read");
  // Made anew, with what we have read already: the governor knows an event again.
  if (status.st_nlink == 0 || status.st_size < read_to_) {
    if (auto opened = open_data(false); !opened) return opened.error();
    if (::fstat(data_.get(), &status) != 0) return problem("read");
  }
  std::vector<event> events;
  if (status.st_size == read_to_) return events;
  file_header header{};
  if (::pread(data_.get(), &header, sizeof header, 0) != static_cast<ssize_t>(sizeof header)) return problem("read");
  const auto each = size_of_records(header);
  const auto torn = (status.st_size - read_to_) % each;
  // Nobody writes now, so half a record is what a death or a full disk left. What is appended must not follow it.
  if (torn != 0 && ::ftruncate(data_.get(), status.st_size - torn) != 0) return problem("write");
  if (status.st_size - torn == read_to_) return events;

  const bool same_boot = header.boot_id == this_boot();
  std::vector<char> bytes(static_cast<std::size_t>(status.st_size - torn - read_to_));
  const auto size = static_cast<ssize_t>(bytes.size());
  if (::pread(data_.get(), bytes.data(), bytes.size(), read_to_) != size) return problem("read");
  read_to_ += size;
  events.reserve(bytes.size() / static_cast<std::size_t>(each));
  for (std::size_t at = 0; at < bytes.size(); at += static_cast<std::size_t>(each)) {
    record r{};
    std::memcpy(&r, bytes.data() + at, static_cast<std::size_t>(each));
    if (auto e = decode(r, same_boot, now)) events.push_back(*e);
  }
  return events;
}

result<void> quota_file::append(std::span<const event> events, now_pair now) {
  std::vector<record> records;
  records.reserve(events.size());
  for (const auto& e : events)
    records.push_back(encode(e, now));
  const auto size = records.size() * sizeof(record);
  if (!write_whole(data_.get(), records.data(), size)) return problem("write");
  read_to_ += static_cast<std::int64_t>(size);
  if (read_to_ <= compact_at_) return {};
  compact_at_ = 2 * read_to_; // should it fail, it is not tried again at once
  return compact(now);
}

/// Writes what still matters to a new file and puts it in the old one's place.
result<void> quota_file::compact(now_pair now) {
  file_header header{};
  if (::pread(data_.get(), &header, sizeof header, 0) != static_cast<ssize_t>(sizeof header)) return problem("read");
  const auto memory = std::max(memory_, duration(header.memory_ns));
  read_to_ = sizeof header;
  const auto all = read_new(now);
  if (!all) return all.error();

  header = {magic, this_boot(), memory.count()};
  const auto fresh_path = path_.string() + ".new";
  descriptor fresh(::open(fresh_path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  const auto kept = what_matters(*all, now.mono - memory);
  std::vector<record> records;
  records.reserve(kept.size());
  for (const auto& e : kept)
    records.push_back(encode(e, now));
  const bool written = fresh.get() >= 0 && write_whole(fresh.get(), &header, sizeof header) &&
                       write_whole(fresh.get(), records.data(), records.size() * sizeof(record)) &&
                       ::rename(fresh_path.c_str(), path_.c_str()) == 0;
  if (!written) return problem("write");
  data_ = std::move(fresh);
  const auto size = static_cast<std::int64_t>(sizeof header + records.size() * sizeof(record));
  compact_at_ = std::max(least_compacted_size, growth * size);
  read_to_ = size;
  return {};
}

result<void> name_quota_file(const std::filesystem::path& path, const std::filesystem::path& other_name) {
  const auto target = target_of(path).filename();
  if (::symlink(target.c_str(), other_name.c_str()) == 0) return {};
  if (errno == EEXIST && target_of(other_name) == target_of(path)) return {};
  if (errno == EEXIST)
    return failure{errc::bad_setting, "the account has a new token with which another run counts already, in " +
                                          other_name.string() + ", and this one goes on in " + path.string() +
                                          ": together they may spend more than the limits. Let one of them wait for "
                                          "the other, or give each a --share"};
  return failure{errc::bad_setting, "the account has a new token, and " + other_name.string() +
                                        " cannot be made, by which the next run would find what was spent: " +
                                        std::strerror(errno) + ". Make the folder writable"};
}

bool quota_file::is_alive(std::uint64_t process) const {
  struct flock range {};
  range.l_type = F_WRLCK;
  range.l_whence = SEEK_SET;
  range.l_start = place_of(process);
  range.l_len = 1;
  return ::fcntl(lock_.get(), F_OFD_GETLK, &range) != 0 || range.l_type != F_UNLCK;
}

} // namespace mcbatch::submit
