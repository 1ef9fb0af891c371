#include "sandbox/host_lookup.hpp"

#include <mcbatch/core/text.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>

#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include <netdb.h>

namespace mcbatch::sandbox {
namespace {

namespace asio = boost::asio;

/// What the thread that asks shares with the coroutine that waits.
struct question {
  std::string host, port;

  std::mutex mutex;                // guards what follows
  steady_timer* waiting = nullptr; // nothing once nobody waits
  host_lookup::endpoints found;
};

host_lookup::endpoints resolve(const std::string& host, const std::string& port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  host_lookup::endpoints found;
  if (::getaddrinfo(host.c_str(), port.c_str(), &hints, &list) != 0) return found;
  for (const addrinfo* each = list; each != nullptr; each = each->ai_next) {
    asio::ip::tcp::endpoint one;
    if (each->ai_addrlen > one.capacity()) continue;
    one.resize(each->ai_addrlen);
    std::memcpy(one.data(), each->ai_addr, each->ai_addrlen);
    found.push_back(one);
  }
  ::freeaddrinfo(list);
  return found;
}

void ask(const std::shared_ptr<question>& q) {
  auto found = resolve(q->host, q->port);
  const std::scoped_lock lock(q->mutex);
  q->found = std::move(found);
  if (q->waiting == nullptr) return;
  // Under the mutex, since who waits takes the timer away before the executor ends.
  asio::post(q->waiting->get_executor(), [q] {
    const std::scoped_lock again(q->mutex);
    if (q->waiting != nullptr) q->waiting->cancel();
  });
}

} // namespace

void host_lookup::abandon() {
  abandoned_ = true;
  wake_.cancel();
}

awaitable<host_lookup::endpoints> host_lookup::run(std::string host, std::string port,
                                                   steady_timer::time_point deadline) {
  boost::system::error_code no_address;
  const auto address = asio::ip::make_address(host, no_address);
  if (!no_address) co_return endpoints{{address, parse_integer<std::uint16_t>(port).value_or(0)}};
  const auto q = std::make_shared<question>();
  q->host = std::move(host);
  q->port = std::move(port);
  q->waiting = &wake_;
  wake_.expires_at(deadline);
  try {
    std::thread(ask, q).detach();
  } catch (const std::system_error&) {
    co_return endpoints{}; // out of threads
  }
  if (!abandoned_) co_await wake_.async_wait(asio::as_tuple(use_awaitable));
  const std::scoped_lock lock(q->mutex);
  q->waiting = nullptr;
  co_return std::move(q->found);
}

} // namespace mcbatch::sandbox
