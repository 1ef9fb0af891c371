#ifndef MCBATCH_API_JOB_LIST_HPP
#define MCBATCH_API_JOB_LIST_HPP

#include <mcbatch/api/token.hpp>
#include <mcbatch/core/error.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcbatch::api {

/// A job as the service's list shows it. Its id and status are fit to be shown, as those of an outcome are.
struct listed_job {
  std::string id;
  std::string status;                                ///< empty where it is not shown
  std::optional<std::string> output_url;             ///< as it stands there: it may bear a signature
  std::string created_at;                            ///< as it stands there; empty where it is not shown
  std::optional<std::int64_t> estimated_cost_micros; ///< millionths of a euro
};

/// Reads an answer to GET conversion_jobs. Its form is not documented: an array of jobs, or an object that has one as
/// `conversion_jobs`, `jobs`, `data`, `items` or `results`. errc::broken_exchange where it is neither, and where an
/// element is no job with an id: what cannot be read might be the one that is looked for.
result<std::vector<listed_job>> parse_job_list(std::string_view body, const token& sent_with);

} // namespace mcbatch::api

#endif
