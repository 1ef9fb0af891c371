#include <mcbatch/api/client.hpp>

#include <mcbatch/api/classify.hpp>
#include <mcbatch/api/requests.hpp>

namespace mcbatch::api {
namespace {

attempt attempted(outcome result, net::exchange_result&& seen) {
  return {std::move(result), seen ? std::optional(std::move(*seen)) : std::nullopt};
}

} // namespace

awaitable<attempt> client::create(token token, const job& job, std::string idempotency_key, net::before_send ready) {
  auto what = create_request(base_, token, job, idempotency_key);
  auto seen = co_await exchange_(std::move(what), std::move(ready));
  co_return attempted(classify_create(seen, token, job.body), std::move(seen));
}

awaitable<attempt> client::jobs(token token, std::uint32_t page) {
  return read(token, jobs_request(base_, token, page));
}

awaitable<attempt> client::job_by_id(token token, std::string id, net::before_send ready) {
  return read(token, job_request(base_, token, id), std::move(ready));
}

awaitable<attempt> client::me(token token, net::before_send ready) {
  return read(token, me_request(base_, token), std::move(ready));
}

awaitable<attempt> client::account(token token) {
  return read(token, account_request(base_, token));
}

awaitable<attempt> client::read(token token, request what, net::before_send ready) {
  auto seen = co_await exchange_(std::move(what), std::move(ready));
  co_return attempted(classify_read(seen, token), std::move(seen));
}

} // namespace mcbatch::api
