#ifndef MCBATCH_SANDBOX_FAULTS_HPP
#define MCBATCH_SANDBOX_FAULTS_HPP

#include <mcbatch/core/error.hpp>
#include <mcbatch/core/random.hpp>

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace mcbatch::sandbox {

/// What goes wrong with one request. Those in the first group leave the request unprocessed; those in the second come
/// after it was processed, so a job was accepted if it was a valid one.
enum class fault_kind {
  status,     ///< an HTTP status in place of an answer
  rate_limit, ///< a 429 that no limit called for, with `Retry-After: 2`
  drop,       ///< the connection is closed without a byte of answer
  html,       ///< 200 with a page, as a captive portal or a load balancer would answer
  redirect,   ///< 307 to another origin

  status_500, ///< 500 after all
  lost,       ///< the connection is closed without a byte of answer
  truncated,  ///< half of the answer, then the connection is closed
  hang,       ///< no answer ever
  no_id,      ///< 201 without the job's id
};

/// Whether the request is processed before the fault strikes.
bool strikes_after_processing(fault_kind kind) noexcept;

struct fault {
  fault_kind kind;
  int status = 0; ///< of `fault_kind::status`
};

/// The faults that a sandbox plays: comma-separated rules, of which the first that hits a request counts.
///
///     [all/]WHAT@N   [all/]WHAT@N-M   [all/]WHAT@N-   [all/]WHAT:P   retry-after
///
/// N and M count creates from 1 (with `all/`: all requests); P is a probability. Only requests that the token and the
/// limits let through are counted. WHAT is a status from 300 to 599, or `500+`, `lost`, `drop`, `truncated`, `hang`,
/// `noid`, `html`, `redirect`. `429` comes with `Retry-After: 2`; `noid` touches accepted creates only. `retry-after`
/// stands alone: the 429s of the limits carry a Retry-After as well.
class fault_plan {
public:
  /// Fails with errc::bad_setting and a sentence that names the rule.
  static result<fault_plan> parse(std::string_view spec, std::uint64_t seed);

  /// Counts the next request, and says what goes wrong with it.
  std::optional<fault> next(bool is_create);

  /// Whether the 429s of the limits carry Retry-After.
  [[nodiscard]] bool retry_after() const { return retry_after_; }

private:
  struct rule {
    fault what;
    bool every_request;
    std::uint64_t first;
    std::uint64_t last;
    std::optional<double> probability; // in place of first and last
  };

  explicit fault_plan(std::uint64_t seed) : random_(seed) {}
  static result<rule> parse_rule(std::string_view text);

  std::vector<rule> rules_;
  random_source random_;
  std::uint64_t creates_ = 0;
  std::uint64_t requests_ = 0;
  bool retry_after_ = false;
};

} // namespace mcbatch::sandbox

#endif
