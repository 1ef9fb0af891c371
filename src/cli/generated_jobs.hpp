#ifndef MCBATCH_CLI_GENERATED_JOBS_HPP
#define MCBATCH_CLI_GENERATED_JOBS_HPP

#include <mcbatch/submit/quota_file.hpp>

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>

namespace mcbatch::cli {

/// The n-th of the jobs that a benchmark makes up: one JSON object, no two alike.
std::string generated_job(std::uint64_t n);

/// Such jobs as a manifest to be read: a pipe, into which a thread writes as fast as it is read. Without a last one the
/// thread stays within a bound of what is done with already, so that neither memory nor a ledger grows ahead of that.
///
/// SIGPIPE must be ignored. Whoever reads has to have closed the pipe before this ends.
class generated_manifest {
public:
  /// `jobs`: so many; nothing: without end.
  explicit generated_manifest(std::optional<std::uint64_t> jobs);
  generated_manifest(const generated_manifest&) = delete;
  generated_manifest& operator=(const generated_manifest&) = delete;
  ~generated_manifest();

  /// To be opened once.
  [[nodiscard]] std::string path() const;

  /// One more job is done with. Any thread.
  void done() { ++done_; }

private:
  void write_all();
  [[nodiscard]] bool is_far_ahead(std::uint64_t written) const;

  std::optional<std::uint64_t> jobs_;
  submit::descriptor read_end_, write_end_;
  std::atomic<std::uint64_t> done_{0};
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

} // namespace mcbatch::cli

#endif
