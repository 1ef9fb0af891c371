#ifndef MCBATCH_SANDBOX_SERVICE_HPP
#define MCBATCH_SANDBOX_SERVICE_HPP

#include <mcbatch/core/error.hpp>
#include <mcbatch/core/http.hpp>
#include <mcbatch/core/random.hpp>
#include <mcbatch/core/time.hpp>
#include <mcbatch/sandbox/conversion_plan.hpp>
#include <mcbatch/sandbox/faults.hpp>
#include <mcbatch/sandbox/rate_headers.hpp>
#include <mcbatch/sandbox/rate_limiter.hpp>
#include <mcbatch/sandbox/webhook_queue.hpp>
#include <mcbatch/sandbox/window.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace mcbatch::sandbox {

struct create_body;

/// How the list of recent jobs looks: that is not documented. The latest 100 jobs are on it.
enum class list_kind {
  plain,    ///< {"conversion_jobs":[...]}, each as its create was answered: without URLs
  urls,     ///< with output URLs as they were sent
  stripped, ///< with output URLs that have lost their query
  array,    ///< with output URLs, and not within an object
  paged,    ///< with output URLs, and older ones by ?page=2 and so on
};

struct service_options {
  std::string token;         ///< the one that is good; not empty
  std::vector<limit> limits; ///< all hold at once; none means no limit and no headers
  window_kind window = window_kind::fixed;
  header_kind headers = header_kind::hour;
  std::string faults;                           ///< as fault_plan reads them
  std::string conversions;                      ///< as conversion_plan reads it
  std::string webhooks;                         ///< as webhook_plan reads it; only where conversions go on
  std::string webhook_secret = "whsec_sandbox"; ///< signs events; not empty
  std::uint64_t seed = 0;                       ///< of job ids, faults, conversions and webhooks
  duration latency{};                           ///< before every answer
  std::string tier = "free";                    ///< shown by /me and /account; the limits do not follow it
  std::int64_t credit_micros = 0;               ///< shown by /me and /account, in millionths of a euro
  bool spend_credit = false; ///< accepted jobs lower the credit by their estimates; without any, creates get 402
  duration clock_skew{};     ///< how far the service's clock is ahead of the real one
  list_kind list = list_kind::plain;
  std::string prefix = "/api/v1"; ///< of every path; begins with a slash and ends without one, or is empty
};

/// What becomes of one request.
struct handled {
  reply answer;
  delivery how = delivery::whole;
  duration delay{};                        ///< before the answer leaves
  std::optional<std::string> journal_line; ///< to be written before the answer leaves; present if a job was accepted
};

/// A double of the service: limits, tokens, jobs and faults, without clock, socket or file. A request passes the token
/// first, then the limits, then the faults, then its resource; every one that has passed the token is counted against
/// the limits, whatever becomes of it. For one thread at a time.
class service {
public:
  /// Fails with errc::bad_setting if the token or the secret is empty, a limit holds nothing, or a spec does not parse.
  static result<service> make(service_options options);

  /// Answers `r`, which arrived at `now`. The monotonic part of `now` never goes back.
  handled handle(const request& r, now_pair now);

  /// The answer to what is no request of the API's, or not even HTTP: a bad or too large message (400, 413, 431), a
  /// method other than GET and POST (405). It counts against nothing.
  handled refuse(int status, now_pair now);

  /// What goes wrong with the next connection; each is asked for once, in the order in which they come.
  std::optional<connection_fault> next_connection() { return faults_.next_connection(); }

  /// When each request arrived that was counted against the limits, refused ones included.
  [[nodiscard]] const std::vector<instant>& counted() const { return counted_; }

  /// How many jobs were accepted.
  [[nodiscard]] std::uint64_t accepted() const { return jobs_.size(); }

  /// How many requests the limits refused. A 429 that was asked for as a fault is none of them.
  [[nodiscard]] std::uint64_t refused() const { return refused_; }

  /// What has become of each job by `now`, by its id.
  [[nodiscard]] std::unordered_map<std::string, conversion> conversions(now_pair now) const;

  /// The events of the jobs that name a webhook_url, where conversions go on.
  [[nodiscard]] webhook_queue& webhooks() { return webhooks_; }
  [[nodiscard]] const webhook_queue& webhooks() const { return webhooks_; }

  /// How many requests asked about one job, of those that the token and the limits let through.
  [[nodiscard]] std::uint64_t polls() const { return polls_; }

  [[nodiscard]] const std::string& prefix() const { return options_.prefix; }

private:
  struct job_record {
    std::string id;
    std::string described, estimated; // JSON members that stay as they are
    std::string output_url;
    instant created;
    wall_time created_at; // by the service's clock
    std::optional<conversion_course> course;
  };

  service(service_options options, fault_plan faults, conversion_plan conversions, webhook_plan webhooks);

  [[nodiscard]] now_pair server_time(now_pair now) const;
  void process(const request& r, now_pair now, handled& h);
  void respond(const request& r, now_pair now, handled& h);
  void create(const request& r, now_pair now, handled& h);
  [[nodiscard]] std::string journal_line(const request& r, const create_body& body, now_pair now) const;
  [[nodiscard]] static std::string attributes_of(const job_record& job, instant now);
  [[nodiscard]] static std::string whole(const job_record& job, instant now);
  [[nodiscard]] reply show_job(std::string_view id, instant now) const;
  [[nodiscard]] reply list_jobs(std::string_view target, instant now) const;
  [[nodiscard]] std::string listed(const job_record& job, instant now) const;
  [[nodiscard]] reply show_account() const;
  [[nodiscard]] reply over_limit() const;
  void strike(fault f, handled& h) const;
  void finish(handled& h, now_pair now);
  std::string new_id();

  service_options options_;
  fault_plan faults_;
  conversion_plan conversions_;
  webhook_queue webhooks_;
  rate_limiter limiter_;
  random_source ids_;
  std::vector<job_record> jobs_;                       // oldest first
  std::unordered_map<std::string, std::size_t> index_; // of jobs_, by id
  std::vector<instant> counted_;
  std::uint64_t refused_ = 0;
  std::uint64_t polls_ = 0;
  std::uint64_t answers_ = 0;
};

} // namespace mcbatch::sandbox

#endif
