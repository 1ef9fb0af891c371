#include "lookup.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace mcbatch::net {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

std::vector<tcp::endpoint> endpoints_of(const tcp::resolver::results_type& found) {
  std::vector<tcp::endpoint> endpoints;
  for (const auto& entry : found)
    endpoints.push_back(entry.endpoint());
  return endpoints;
}

} // namespace

struct lookup::state {
  explicit state(const asio::any_io_executor& executor) : resolver(executor), wake(executor) {}

  tcp::resolver resolver;
  asio::steady_timer wake; // its end is the deadline, its cancellation anything earlier
  bool finished = false;
  bool abandoned = false;
  boost::system::error_code error;
  std::vector<tcp::endpoint> found;
};

lookup::lookup(const asio::any_io_executor& executor) : state_(std::make_shared<state>(executor)) {}

void lookup::abandon() {
  state_->abandoned = true;
  state_->wake.cancel();
}

asio::awaitable<result<std::vector<tcp::endpoint>>> lookup::run(origin where, time_limit limit) {
  const auto shared = state_;
  shared->wake.expires_at(limit.at);
  const auto on_found = [shared](const boost::system::error_code& error, const tcp::resolver::results_type& found) {
    shared->finished = true;
    shared->error = error;
    shared->found = endpoints_of(found);
    shared->wake.cancel();
  };
  shared->resolver.async_resolve(where.host, where.port, tcp::resolver::numeric_service, on_found);
  if (!shared->finished) co_await shared->wake.async_wait(asio::as_tuple(asio::use_awaitable));

  if (shared->abandoned) co_return failure{errc::stopped, "the lookup of " + where.host + " was given up"};
  if (!shared->finished) co_return limit.failed("the address of " + where.host + " could not be looked up");
  if (shared->error)
    co_return failure{errc::resolve_failed, "the address of " + where.host + " cannot be found (" +
                                                shared->error.message() + "); check the name and this machine's DNS"};
  co_return std::move(shared->found);
}

} // namespace mcbatch::net
