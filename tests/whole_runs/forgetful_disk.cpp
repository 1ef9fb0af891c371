#include "whole_runs/forgetful_disk.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

namespace mcbatch::whole_runs {
namespace {

constexpr std::size_t sector = 512;

/// A change of a file's bytes that is not on the disk yet.
struct change {
  bool truncates;
  std::size_t at; // or the new length
  std::string bytes;
};

struct file {
  std::string on_disk;
  std::vector<change> pending;
};

using file_ptr = std::shared_ptr<file>;
using names = std::map<std::string, file_ptr>;

struct {
  bool on = false;
  bool dead = false;
  std::string folder;
  forgetful_disk::decider decide;
  names now;
  std::vector<names> since_sync; // what the folder held, from its last sync to now
  std::unordered_map<int, file_ptr> open_files;
  std::unordered_set<int> without_locks;
  int folder_fd = -1;
} disk;

/// -1 with errno, where the step is not to be done.
bool may_go(std::string_view step) {
  const auto fate = disk.dead ? forgetful_disk::fate::dead : disk.decide(step);
  switch (fate) {
  case forgetful_disk::fate::done:
    return true;
  case forgetful_disk::fate::full:
    errno = ENOSPC;
    return false;
  case forgetful_disk::fate::dead:
    disk.dead = true;
    [[fallthrough]];
  case forgetful_disk::fate::broken:
    errno = EIO;
    return false;
  }
  return true;
}

/// The name within the folder; nothing for files that are none of the disk's. SQLite's index of the WAL is shared
/// memory, made anew at each opening; what the lock file holds is for people.
std::optional<std::string> name_of(const char* path) {
  const std::string_view whole(path);
  if (!disk.on || !whole.starts_with(disk.folder)) return std::nullopt;
  const auto name = whole.substr(disk.folder.size());
  if (name.empty() || name.ends_with("-shm") || name.ends_with(".lock")) return std::nullopt;
  return std::string(name);
}

file_ptr file_of(int fd) {
  if (!disk.on) return nullptr;
  const auto found = disk.open_files.find(fd);
  return found == disk.open_files.end() ? nullptr : found->second;
}

void name_changed() {
  disk.since_sync.push_back(disk.now);
}

void apply(std::string& bytes, const change& c) {
  if (c.truncates) return bytes.resize(c.at);
  if (bytes.size() < c.at + c.bytes.size()) bytes.resize(c.at + c.bytes.size());
  std::ranges::copy(c.bytes, bytes.begin() + static_cast<std::ptrdiff_t>(c.at));
}

void sync(file& f) {
  for (const auto& c : f.pending)
    apply(f.on_disk, c);
  f.pending.clear();
}

/// A write goes to the disk sector by sector, in no order.
void apply_some_of(std::string& bytes, const change& c, random_source& chance) {
  const auto luck = chance.unit();
  if (luck < 0.3) return;
  if (luck < 0.7 || c.truncates) return apply(bytes, c);
  for (std::size_t from = 0; from < c.bytes.size(); from += sector)
    if (chance.unit() < 0.5) apply(bytes, {false, c.at + from, c.bytes.substr(from, sector)});
}

template <class Function>
Function* real(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

int real_open(const char* path, int flags, mode_t mode) {
  static auto* const next = real<int(const char*, int, ...)>("open");
  return next(path, flags, mode);
}

int open_file(const char* path, int flags, mode_t mode) {
  const auto name = name_of(path);
  const bool ours = disk.on && std::string_view(path).starts_with(disk.folder);
  if (!name) {
    const int fd = real_open(path, flags, mode);
    ours ? void(disk.without_locks.insert(fd)) : void(disk.without_locks.erase(fd));
    disk.open_files.erase(fd);
    const bool is_folder = disk.on && (std::string(path) + "/" == disk.folder || path == disk.folder);
    if (is_folder) disk.folder_fd = fd;
    if (!is_folder && fd == disk.folder_fd) disk.folder_fd = -1;
    return fd;
  }
  const bool there = disk.now.contains(*name);
  const bool makes = !there && (flags & O_CREAT) != 0;
  if (makes && !may_go("create")) return -1;
  const int fd = real_open(path, flags, mode);
  if (fd < 0) return fd;
  if (fd == disk.folder_fd) disk.folder_fd = -1;
  if (makes) {
    disk.now[*name] = std::make_shared<file>();
    name_changed();
  }
  disk.open_files[fd] = disk.now.at(*name);
  disk.without_locks.insert(fd);
  return fd;
}

ssize_t write_at(int fd, const void* data, std::size_t size, off64_t at) {
  static auto* const next = real<ssize_t(int, const void*, std::size_t, off64_t)>("pwrite64");
  if (const auto f = file_of(fd)) {
    if (!may_go("write")) return -1;
    const std::string_view bytes(static_cast<const char*>(data), size);
    f->pending.push_back({false, static_cast<std::size_t>(at), std::string(bytes)});
  }
  return next(fd, data, size, at);
}

int truncate_to(int fd, off64_t size) {
  static auto* const next = real<int(int, off64_t)>("ftruncate64");
  if (const auto f = file_of(fd)) {
    if (!may_go("truncate")) return -1;
    f->pending.push_back({true, static_cast<std::size_t>(size), {}});
  }
  return next(fd, size);
}

/// On the disk that is played, a sync need not reach the real one.
int sync_file(int fd, const char* name) {
  if (const auto f = file_of(fd)) {
    if (!may_go("sync")) return -1;
    sync(*f);
    return 0;
  }
  if (disk.on && fd == disk.folder_fd) {
    if (!may_go("sync")) return -1;
    disk.since_sync.assign(1, disk.now);
    return 0;
  }
  return real<int(int)>(name)(fd);
}

} // namespace

forgetful_disk::forgetful_disk(const std::filesystem::path& folder, decider decide) {
  if (disk.on) std::abort();
  disk = {};
  disk.folder = folder.string() + "/";
  disk.decide = std::move(decide);
  disk.since_sync.emplace_back();
  disk.on = true;
}

forgetful_disk::~forgetful_disk() {
  disk = {};
}

void forgetful_disk::lose_power(random_source& chance) {
  disk.on = false;
  // Names reach the disk in their order, so that what is left is what the folder was at some moment.
  const auto moment = static_cast<std::size_t>(chance.unit() * static_cast<double>(disk.since_sync.size()));
  disk.now = disk.since_sync.at(moment);
  for (const auto& entry : std::filesystem::directory_iterator(disk.folder))
    if (!disk.now.contains(entry.path().filename())) std::filesystem::remove(entry.path());
  for (const auto& [name, f] : disk.now) {
    for (const auto& c : f->pending)
      apply_some_of(f->on_disk, c, chance);
    f->pending.clear();
    std::ofstream(disk.folder + name, std::ios::binary) << f->on_disk; // the same file, if it is there
  }
  disk.since_sync.assign(1, disk.now);
  disk.open_files.clear();
  disk.on = true;
}

void forgetful_disk::freeze() {
  disk.dead = true;
}

void forgetful_disk::wake() {
  disk.dead = false;
}

} // namespace mcbatch::whole_runs

// The C library's, as this program's libraries find them.

using namespace mcbatch::whole_runs;

extern "C" int open(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const auto mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0;
  va_end(more);
  return open_file(path, flags, mode);
}

extern "C" int open64(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const auto mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0;
  va_end(more);
  return open_file(path, flags, mode);
}

extern "C" ssize_t pwrite(int fd, const void* data, std::size_t size, off_t at) {
  return write_at(fd, data, size, at);
}

extern "C" ssize_t pwrite64(int fd, const void* data, std::size_t size, off64_t at) {
  return write_at(fd, data, size, at);
}

extern "C" int ftruncate(int fd, off_t size) noexcept {
  return truncate_to(fd, size);
}

extern "C" int ftruncate64(int fd, off64_t size) noexcept {
  return truncate_to(fd, size);
}

extern "C" int fsync(int fd) {
  return sync_file(fd, "fsync");
}

extern "C" int fdatasync(int fd) {
  return sync_file(fd, "fdatasync");
}

/// Nobody else is there to be locked out, and no reader looks in while the program lives.
extern "C" int fcntl(int fd, int command, ...) {
  va_list more;
  va_start(more, command);
  auto* const argument = va_arg(more, void*);
  va_end(more);
  if (command == F_SETLK && disk.on && disk.without_locks.contains(fd)) return 0;
  static auto* const next = real<int(int, int, ...)>("fcntl");
  return next(fd, command, argument);
}

extern "C" int fcntl64(int fd, int command, ...) {
  va_list more;
  va_start(more, command);
  auto* const argument = va_arg(more, void*);
  va_end(more);
  return fcntl(fd, command, argument);
}

extern "C" int unlink(const char* path) noexcept {
  const auto name = name_of(path);
  if (name && disk.now.contains(*name)) {
    if (!may_go("remove")) return -1;
    disk.now.erase(*name);
    name_changed();
  }
  static auto* const next = real<int(const char*)>("unlink");
  return next(path);
}

extern "C" int remove(const char* path) noexcept {
  if (name_of(path)) return unlink(path);
  static auto* const next = real<int(const char*)>("remove");
  return next(path);
}

extern "C" int rename(const char* from, const char* to) noexcept {
  const auto old_name = name_of(from);
  const auto new_name = name_of(to);
  if (old_name && new_name && disk.now.contains(*old_name)) {
    if (!may_go("rename")) return -1;
    disk.now[*new_name] = disk.now.at(*old_name);
    disk.now.erase(*old_name);
    name_changed();
  }
  static auto* const next = real<int(const char*, const char*)>("rename");
  return next(from, to);
}
