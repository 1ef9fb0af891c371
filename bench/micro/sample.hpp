#ifndef MCBATCH_BENCH_MICRO_SAMPLE_HPP
#define MCBATCH_BENCH_MICRO_SAMPLE_HPP

#include <mcbatch/core/error.hpp>
#include <mcbatch/core/job.hpp>

#include <cstdint>
#include <filesystem>
#include <random>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

namespace mcbatch::bench {

/// The body of a job, 330 bytes: another one for each number below 10^9.
std::string body_of(std::uint64_t number);

/// Keys without order, as hashes are: what an index is slowest to take in.
class key_source {
public:
  job_key next();

private:
  std::mt19937_64 random_{1};
};

/// A folder within the working folder, gone at the end.
class scratch_folder {
public:
  scratch_folder();
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;
  ~scratch_folder();

  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

private:
  std::filesystem::path path_;
};

/// What `r` holds. A benchmark of what fails would measure nothing.
template <class T>
T must(result<T> r) {
  if (!r) throw std::runtime_error(r.error().what);
  if constexpr (!std::is_void_v<T>) return std::move(*r);
}

} // namespace mcbatch::bench

#endif
