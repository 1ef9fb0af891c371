#ifndef MCBATCH_TESTS_WHOLE_RUNS_SERVICE_SIDE_HPP
#define MCBATCH_TESTS_WHOLE_RUNS_SERVICE_SIDE_HPP

#include <mcbatch/core/http.hpp>
#include <mcbatch/core/random.hpp>
#include <mcbatch/core/time.hpp>
#include <mcbatch/sandbox/service.hpp>

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace mcbatch::whole_runs {

/// A job that the service accepted, as its journal says.
struct accepted_job {
  std::string id; ///< as it was told to the client
  std::string idempotency_key;
};

/// The service, with the journal of what it accepted.
class service_side {
public:
  explicit service_side(sandbox::service_options options)
      : service_(sandbox::service::make(std::move(options)).value()) {}

  struct answer {
    sandbox::handled handled;
    std::string bytes; ///< the answer as it goes over the wire
  };

  /// A request has arrived, whole. `same_id`: the answer names the job that was accepted before.
  answer arrived(const request& r, now_pair now, bool same_id, random_source& chance);

  /// What was accepted, by output URL.
  [[nodiscard]] const std::multimap<std::string, accepted_job>& journal() const { return journal_; }

  /// How many requests the limits refused: there should be none.
  [[nodiscard]] std::uint64_t over_the_limit() const { return service_.refused(); }

private:
  sandbox::service service_;
  std::multimap<std::string, accepted_job> journal_;
  std::string last_id_;
};

} // namespace mcbatch::whole_runs

#endif
