#ifndef MCBATCH_API_CLIENT_HPP
#define MCBATCH_API_CLIENT_HPP

#include <mcbatch/api/base_url.hpp>
#include <mcbatch/api/token.hpp>
#include <mcbatch/core/http.hpp>
#include <mcbatch/core/job.hpp>
#include <mcbatch/core/outcome.hpp>
#include <mcbatch/loop/event_loop.hpp>
#include <mcbatch/net/exchange.hpp>
#include <mcbatch/net/pool.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace mcbatch::api {

/// One request sent and what it came to. The answer is kept for its headers.
struct attempt {
  outcome result;
  std::optional<reply> answer;
};

/// One exchange, as net::pool does it.
using transport = std::function<awaitable<net::exchange_result>(request, net::before_send)>;

/// The service's calls. It runs on the transport's thread, and must outlive its calls.
class client {
public:
  client(base_url base, transport exchange) : base_(std::move(base)), exchange_(std::move(exchange)) {}

  /// Submits a job, which must outlive the call, once. `ready` is called when nothing but the first byte is missing;
  /// see net::before_send.
  awaitable<attempt> create(token token, const job& job, std::string idempotency_key, net::before_send ready);

  /// A page, from 1, of the list of recent jobs: see parse_job_list.
  awaitable<attempt> jobs(token token, std::uint32_t page);

  /// What has become of the job that the service calls `id`: see parse_conversion. `ready` as above; it may be empty.
  awaitable<attempt> job_by_id(token token, std::string id, net::before_send ready = {});

  awaitable<attempt> me(token token, net::before_send ready = {});
  awaitable<attempt> account(token token);

private:
  awaitable<attempt> read(token token, request what, net::before_send ready = {});

  base_url base_;
  transport exchange_;
};

} // namespace mcbatch::api

#endif
