#include "lookup.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>

#include <cerrno>
#include <cstring>
#include <functional>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include <netdb.h>

namespace mcbatch::net {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

/// What the thread that asks shares with the coroutine that waits.
struct question {
  question(origin asked, io_executor e) : where(std::move(asked)), executor(e) {}

  const origin where;
  const io_executor executor;

  std::mutex mutex;             // guards what follows
  std::function<void()> answer; // to be called by the executor's thread; nothing once nobody waits
  bool answered = false;
  int error = 0;  // of getaddrinfo
  int reason = 0; // errno, where that says more
  std::vector<tcp::endpoint> found;
};

std::vector<tcp::endpoint> endpoints_of(const addrinfo* list) {
  std::vector<tcp::endpoint> endpoints;
  for (; list != nullptr; list = list->ai_next) {
    tcp::endpoint one;
    if (list->ai_addrlen > one.capacity()) continue;
    one.resize(list->ai_addrlen);
    std::memcpy(one.data(), list->ai_addr, list->ai_addrlen);
    endpoints.push_back(one);
  }
  return endpoints;
}

/// The work of the thread.
void ask(const std::shared_ptr<question>& q) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int error = ::getaddrinfo(q->where.host.c_str(), q->where.port.c_str(), &hints, &list);
  const int reason = errno;
  auto found = endpoints_of(error == 0 ? list : nullptr);
  if (error == 0) ::freeaddrinfo(list);

  const std::lock_guard guard(q->mutex);
  if (!q->answer) return; // it was left behind
  q->answered = true;
  q->error = error;
  q->reason = reason;
  q->found = std::move(found);
  // Under the mutex, for whoever waits takes `answer` away before the executor's context ends.
  asio::post(q->executor, [q] {
    const std::lock_guard again(q->mutex);
    if (q->answer) q->answer();
  });
}

std::string words_of(const question& q) {
  return q.error == EAI_SYSTEM ? std::generic_category().message(q.reason) : ::gai_strerror(q.error);
}

} // namespace

void lookup::abandon() {
  abandoned_ = true;
  wake_.cancel();
}

awaitable<result<std::vector<tcp::endpoint>>> lookup::run(origin where, time_limit limit) {
  const auto q = std::make_shared<question>(where, executor_);
  q->answer = [this] { wake_.cancel(); };
  // However the coroutine ends.
  const auto leave = [](question* left) {
    const std::lock_guard guard(left->mutex);
    left->answer = nullptr;
  };
  const std::unique_ptr<question, decltype(leave)> waits(q.get(), leave);

  wake_.expires_at(limit.at);
  try {
    std::thread(ask, q).detach();
  } catch (const std::system_error& e) {
    co_return failure{errc::resolve_failed, "the address of " + where.host +
                                                " cannot be looked up: no thread for it (" + e.what() +
                                                "); look at this machine's limits"};
  }
  if (!abandoned_) co_await wake_.async_wait(asio::as_tuple(use_awaitable));

  if (abandoned_) co_return failure{errc::stopped, "the lookup of " + where.host + " was given up"};
  const std::lock_guard guard(q->mutex);
  if (!q->answered) co_return limit.failed("the address of " + where.host + " could not be looked up");
  if (q->error != 0)
    co_return failure{errc::resolve_failed, "the address of " + where.host + " cannot be found (" + words_of(*q) +
                                                "); check the name and this machine's DNS"};
  co_return std::move(q->found);
}

} // namespace mcbatch::net
