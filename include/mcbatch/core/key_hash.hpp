#ifndef MCBATCH_CORE_KEY_HASH_HPP
#define MCBATCH_CORE_KEY_HASH_HPP

#include <mcbatch/core/job.hpp>

#include <initializer_list>
#include <memory>
#include <string_view>

namespace mcbatch {

/// Makes keys: the first 16 bytes of the SHA-256 (FIPS 180-4) of some parts as if they were one. An object is costly to
/// make and cheap to use, by one thread at a time. Throws std::runtime_error where OpenSSL has no SHA-256.
class key_hash {
public:
  key_hash();
  key_hash(key_hash&&) noexcept;
  key_hash& operator=(key_hash&&) noexcept;
  ~key_hash();

  job_key of(std::initializer_list<std::string_view> parts);

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace mcbatch

#endif
