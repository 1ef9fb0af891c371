#ifndef MCBATCH_MANIFEST_KEY_HPP
#define MCBATCH_MANIFEST_KEY_HPP

#include <mcbatch/core/key_hash.hpp>

#include <string_view>

namespace mcbatch::manifest {

/// Makes job keys of canonical forms as `walker` writes them. The purposes keep an entry and a key field of the same
/// form apart. Ledgers hold keys: neither may change.
class hasher {
public:
  job_key of_entry(std::string_view canonical) { return hash_.of({"mcbatch entry 1\n", canonical}); }
  job_key of_field(std::string_view canonical) { return hash_.of({"mcbatch field 1\n", canonical}); }

private:
  key_hash hash_;
};

} // namespace mcbatch::manifest

#endif
