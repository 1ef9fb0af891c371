#ifndef MCBATCH_MANIFEST_KEY_HPP
#define MCBATCH_MANIFEST_KEY_HPP

#include <mcbatch/core/job.hpp>

#include <memory>
#include <string_view>

namespace mcbatch::manifest {

/// Makes job keys: the first 16 bytes of the SHA-256 (FIPS 180-4) of a purpose followed by a canonical form as `walker`
/// writes it. The purposes keep an entry and a key field of the same form apart. Ledgers hold keys: neither may change.
class hasher {
public:
  hasher();
  hasher(hasher&&) noexcept;
  hasher& operator=(hasher&&) noexcept;
  ~hasher();

  job_key of_entry(std::string_view canonical) { return hash("mcbatch entry 1\n", canonical); }
  job_key of_field(std::string_view canonical) { return hash("mcbatch field 1\n", canonical); }

private:
  job_key hash(std::string_view purpose, std::string_view canonical);

  struct state;
  std::unique_ptr<state> state_;
};

} // namespace mcbatch::manifest

#endif
