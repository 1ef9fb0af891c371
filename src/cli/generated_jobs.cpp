#include "cli/generated_jobs.hpp"

#include "cli/exit_code.hpp"

#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

namespace mcbatch::cli {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t most_ahead = 2'000;  // more would only be imported sooner, beside the first that leave
constexpr std::size_t written_at_once = 256; // jobs

bool write_whole(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

} // namespace

std::string generated_job(std::uint64_t n) {
  const auto number = std::to_string(n);
  return R"({"job_type":"video","input_url":"https://in.example.com/masters/)" + number +
         R"(.mov","output_url":"https://out.example.com/delivery/)" + number +
         R"(.mp4","input_format":"mov","output_format":"mp4","input_size_bytes":)" + number + "}";
}

generated_manifest::generated_manifest(std::optional<std::uint64_t> jobs) : jobs_(jobs) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    throw exit_with{exit_code::bad_setting, "no pipe can be had: raise the limit on open files (ulimit -n)"};
  read_end_ = submit::descriptor(ends[0]);
  write_end_ = submit::descriptor(ends[1]);
  thread_ = std::thread([this] { write_all(); });
}

generated_manifest::~generated_manifest() {
  stop_ = true;
  read_end_ = submit::descriptor(); // the last one: a write that waits for a reader fails
  thread_.join();
}

std::string generated_manifest::path() const {
  return "/proc/self/fd/" + std::to_string(read_end_.get());
}

bool generated_manifest::is_far_ahead(std::uint64_t written) const {
  return !jobs_ && written > done_ + most_ahead;
}

void generated_manifest::write_all() {
  std::uint64_t n = 0;
  while (!stop_ && (!jobs_ || n < *jobs_)) {
    std::string lines;
    for (std::size_t i = 0; i < written_at_once && (!jobs_ || n < *jobs_); ++i)
      lines += generated_job(++n) + "\n";
    while (is_far_ahead(n) && !stop_)
      std::this_thread::sleep_for(10ms);
    if (!write_whole(write_end_.get(), lines)) break;
  }
  write_end_ = submit::descriptor(); // the manifest's end
}

} // namespace mcbatch::cli
