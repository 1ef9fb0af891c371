#ifndef MCBATCH_SANDBOX_FAULTS_HPP
#define MCBATCH_SANDBOX_FAULTS_HPP

#include <mcbatch/core/error.hpp>
#include <mcbatch/core/random.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcbatch::sandbox {

/// What goes wrong with one connection. No request on it is processed, so no job is accepted, unless the client takes a
/// certificate that it should not.
enum class connection_fault {
  refused,      ///< nothing listens for a second: what never came cannot be counted, so a second stands for it
  black_hole,   ///< it comes about, and not a byte is ever answered
  reset_before, ///< reset (RST) before the TLS handshake
  reset_in,     ///< reset when the first bytes of its first request have arrived
  expired,      ///< the certificate's time is over
  self_signed,  ///< the certificate has signed itself
  wrong_host,   ///< the certificate is another host's
};

/// What goes wrong with one request. Those in the first group leave the request unprocessed; those in the second come
/// after it was processed, so a job was accepted if it was a valid one.
enum class fault_kind {
  status,     ///< an HTTP status in place of an answer
  rate_limit, ///< a 429 that no limit called for, with `Retry-After: 2`
  drop,       ///< the connection is closed without a byte of answer
  html,       ///< 200 with a page, as a captive portal or a load balancer would answer
  redirect,   ///< 307 to another origin

  status_500, ///< 500 after all
  no_id,      ///< 201 without the job's id
  gzip,       ///< a body compressed with gzip, and said to be, though nobody accepted that
  delivery,   ///< the answer is right, but does not arrive as it should
};

/// Whether the request is processed before the fault strikes.
bool strikes_after_processing(fault_kind kind) noexcept;

/// How an answer gets to the client.
enum class delivery {
  whole,
  drop,            ///< the connection is closed without a byte of answer
  reset,           ///< the connection is reset (RST) without a byte of answer
  truncated,       ///< half of the answer, then the connection is closed
  hang,            ///< no answer ever
  slow,            ///< ten bytes a second
  long_length,     ///< Content-Length says more than comes; the connection stays open
  short_length,    ///< Content-Length says half of what comes
  bad_chunks,      ///< chunked; the second chunk has no size
  both_framings,   ///< with Content-Length and chunked at once
  endless_headers, ///< a header without end
  interim_flood,   ///< 102 without end
  surplus,         ///< whole, and at once behind it another answer that nobody asked for
  early_close,     ///< whole, with the promise to keep the connection, which ends at once
  no_close_notify, ///< whole, then the connection is closed without TLS's close_notify
  close_delimited, ///< without a length, so that it ends where the connection does, and that without close_notify
};

struct fault {
  fault_kind kind;
  int status = 0;                 ///< of `fault_kind::status`
  delivery how = delivery::whole; ///< of `fault_kind::delivery`
};

/// The faults that a sandbox plays: comma-separated rules, of which the first that hits counts.
///
///     [all/]WHAT@N   [all/]WHAT@N-M   [all/]WHAT@N-   [all/]WHAT:P   retry-after
///
/// N and M count creates from 1 (with `all/`: all requests; for what goes wrong with a connection: connections); P is a
/// probability. Only requests that the token and the limits let through are counted. WHAT is a status from 300 to 599
/// or a name that `fault_help` lists. `429` comes with `Retry-After: 2`; `noid` touches accepted creates only.
/// `retry-after` stands alone: the 429s of the limits carry a Retry-After as well.
class fault_plan {
public:
  /// Fails with errc::bad_setting and a sentence that names the rule.
  static result<fault_plan> parse(std::string_view spec, std::uint64_t seed);

  /// Counts the next request, and says what goes wrong with it.
  std::optional<fault> next(bool is_create);

  /// Counts the next connection, and says what goes wrong with it.
  std::optional<connection_fault> next_connection();

  /// Whether the 429s of the limits carry Retry-After.
  [[nodiscard]] bool retry_after() const { return retry_after_; }

private:
  /// When a rule hits.
  struct occasion {
    std::uint64_t first;
    std::uint64_t last;
    std::optional<double> probability; // in place of first and last
    random_source random;              // its own, so that no rule moves another's faults

    bool hits(std::uint64_t n);
  };
  struct request_rule {
    fault what;
    bool every_request;
    occasion when;
  };
  struct connection_rule {
    connection_fault what;
    occasion when;
  };

  std::optional<failure> add(std::string_view rule, random_source random);

  std::vector<request_rule> request_rules_;
  std::vector<connection_rule> connection_rules_;
  std::uint64_t creates_ = 0;
  std::uint64_t requests_ = 0;
  std::uint64_t connections_ = 0;
  bool retry_after_ = false;
};

/// The names of the faults and what each does, a line each, for people.
std::string fault_help();

} // namespace mcbatch::sandbox

#endif
