#ifndef MCBATCH_MANIFEST_JUDGE_HPP
#define MCBATCH_MANIFEST_JUDGE_HPP

#include "manifest/check.hpp"
#include "manifest/key.hpp"
#include "manifest/splitter.hpp"
#include "manifest/walk.hpp"

#include <mcbatch/core/error.hpp>
#include <mcbatch/manifest/reader.hpp>

#include <optional>
#include <string>
#include <vector>

namespace mcbatch::manifest {

/// Makes of a draft the entry that it is, or says what is wrong with it.
class judge {
public:
  /// Fails with errc::usage where a default is given twice. Throws where one is no JSON, which parse_default sees to.
  static result<judge> make(const options& opts);

  item operator()(draft&& d);

private:
  /// A default, ready for use.
  struct filler {
    std::string name;
    std::string member; ///< as JSON: name, colon and value
    kind type;          ///< of its value,
    std::string text;   ///< as `value` has them
  };

  static filler make_filler(const default_field& field);
  [[nodiscard]] job_fields fields_of(const walked& seen) const;
  job_key key_by_field(const walked& seen, std::uint64_t line, std::vector<problem>& problems);
  void splice_defaults(std::string& body, const walked& seen) const;

  std::optional<std::string> key_field_;
  std::vector<filler> fillers_;
  walker walker_;
  hasher hasher_;
};

} // namespace mcbatch::manifest

#endif
