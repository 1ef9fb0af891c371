#include "sandbox/webhook_sender.hpp"

#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace mcbatch::sandbox {

namespace asio = boost::asio;

namespace {

constexpr std::size_t most_at_once = 32; // deliveries, and connections

}

webhook_sender::webhook_sender(asio::io_context& io, webhook_source& source, duration patience)
    : io_(io), source_(source), patience_(patience), due_(io) {}

void webhook_sender::look() {
  while (!closed_ && under_way_ < most_at_once) {
    auto event = source_.take_due();
    if (!event) break;
    begin(std::move(*event));
  }
  if (closed_ || under_way_ == most_at_once) return; // the end of a delivery looks again
  const auto next = source_.next_due();
  if (next == awaited_) return;
  awaited_ = next;
  due_.cancel();
  if (!next) return;
  due_.expires_at(*next);
  due_.async_wait([this](const boost::system::error_code& cancelled) {
    if (cancelled) return;
    awaited_.reset();
    look();
  });
}

void webhook_sender::begin(webhook_event event) {
  ++under_way_;
  asio::co_spawn(io_, deliver(std::move(event)), [this](const std::exception_ptr& error) {
    --under_way_;
    source_.on_end(error);
    look();
  });
}

awaitable<void> webhook_sender::deliver(webhook_event event) {
  auto to = parse_webhook_url(event.job->url);
  webhook_answer answer{0, "its webhook_url is no http or https URL"};
  if (to) answer = co_await send(event, std::move(*to));
  if (!closed_) source_.on_delivered(event, answer);
}

/// Once more on a new connection, where the receiver had left the one that was kept: it may get an event twice then, as
/// every receiver of webhooks may.
awaitable<webhook_answer> webhook_sender::send(const webhook_event& event, webhook_url to) {
  const auto deadline = std::chrono::steady_clock::now() + patience_;
  if (const auto kept = take_idle(to)) {
    auto answer = co_await kept->post(to.target, event, deadline);
    part(kept);
    if (answer.status != 0 || !kept->is_stale() || closed_) co_return answer;
  }
  const auto made = make(to);
  const auto why_not = co_await made->open(deadline);
  webhook_answer answer{0, why_not.value_or("")};
  if (!why_not && !closed_) answer = co_await made->post(to.target, event, deadline);
  part(made);
  co_return answer;
}

webhook_sender::connection_ptr webhook_sender::take_idle(const webhook_url& to) {
  const auto found = std::ranges::find_if(idle_, [&](const auto& each) { return each->receiver().same_origin(to); });
  if (found == idle_.end()) return nullptr;
  busy_.splice(busy_.end(), idle_, found);
  return busy_.back();
}

webhook_sender::connection_ptr webhook_sender::make(const webhook_url& to) {
  if (!idle_.empty() && busy_.size() + idle_.size() >= most_at_once) idle_.pop_front();
  busy_.push_back(std::make_shared<webhook_connection>(io_.get_executor(), tls_, to));
  return busy_.back();
}

/// What can serve another event is kept.
void webhook_sender::part(const connection_ptr& connection) {
  const auto at = std::ranges::find(busy_, connection);
  if (!closed_ && connection->is_kept())
    idle_.splice(idle_.end(), busy_, at);
  else
    busy_.erase(at);
}

void webhook_sender::close() {
  closed_ = true;
  due_.cancel();
  idle_.clear();
  for (const auto& each : busy_)
    each->close();
}

} // namespace mcbatch::sandbox
