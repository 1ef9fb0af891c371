#include <mcbatch/net/pool.hpp>

#include "connection.hpp"

#include <algorithm>

namespace mcbatch::net {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

/// A connection that has just brought an answer is there: to look at it again is for those that have rested.
constexpr duration short_rest = std::chrono::milliseconds(2);

exchange_failure not_sent(failure why) {
  return {std::move(why), false};
}

failure given_up(const origin& peer) {
  return {errc::stopped, "the request to " + to_string(peer) + " was given up, because a stop was asked for"};
}

/// RFC 9110, section 7.2: the port is left out where it is the scheme's own.
std::string host_field(const origin& peer) {
  auto text = to_string(peer);
  if (peer.port == "443") text.resize(text.size() - std::string_view(":443").size());
  return text;
}

/// As it is sent: one buffer, one record, one call to the system.
void write_request(std::string& out, const request& what, std::string_view fixed_fields) {
  out.clear();
  out.append(what.method == verb::post ? "POST " : "GET ").append(what.target).append(" HTTP/1.1\r\n");
  out.append(fixed_fields);
  for (const auto field : what.fields)
    out.append(field.name).append(": ").append(field.value).append("\r\n");
  // RFC 9110, section 8.6: also where a body that could be is empty.
  if (what.method == verb::post || !what.body.empty())
    out.append("Content-Length: ").append(std::to_string(what.body.size())).append("\r\n");
  out.append("\r\n").append(what.body);
}

} // namespace

pool::pool(io_executor executor, const tls_context& tls, pool_options options)
    : executor_(std::move(executor)), tls_(tls.native()), options_(std::move(options)),
      session_(std::make_unique<tls_session>()),
      watchdog_(std::make_shared<watchdog>(watchdog{steady_timer(executor_), 0})),
      fixed_fields_("Host: " + host_field(options_.peer) + "\r\nUser-Agent: mcbatch/" MCBATCH_VERSION "\r\n") {}

pool::~pool() = default;

awaitable<exchange_result> pool::exchange(request what, before_send ready) {
  // However it ends.
  const auto leave = [](watchdog* w) {
    if (--w->under_way == 0) w->timer.cancel();
  };
  const auto watched = watchdog_;
  const std::unique_ptr<watchdog, decltype(leave)> under_way(watched.get(), leave);
  if (++watched->under_way == 1) watch();
  const time_limit limit{std::chrono::steady_clock::now() + options_.timeout, options_.timeout};
  const auto closings = closings_;

  // Behind `ready` it is looked at in any case.
  result<std::shared_ptr<connection>> line = take_idle(ready ? short_rest : duration::zero());
  if (!*line) line = co_await open(limit);
  if (line && ready) {
    const bool go = co_await ready();
    if (closings != closings_) co_return not_sent(given_up(options_.peer));
    if (!go) keep(*line);
    if (!go) co_return not_sent(given_up(options_.peer));
    // `ready` may have taken long enough for the peer to close.
    if ((*line)->stale()) {
      line = take_idle(duration::zero());
      if (!*line) line = co_await open(limit);
    }
  }
  if (closings != closings_) co_return not_sent(given_up(options_.peer));
  if (!line) co_return not_sent(line.error());
  if (limit.passed()) co_return not_sent(limit.failed("the request to " + to_string(options_.peer) + " did not leave"));

  write_request((*line)->request_text(), what, fixed_fields_);
  auto answer = co_await (*line)->exchange({options_.max_header, options_.max_body}, limit);
  carried_.sent += (*line)->last().sent;
  carried_.received += (*line)->last().received;
  if (!answer) co_return exchange_failure{closings == closings_ ? answer.error() : given_up(options_.peer), true};
  if ((*line)->reusable()) keep(std::move(*line));
  co_return std::move(*answer);
}

/// Ends what has reached its deadline: when the next of those that are known is due, and from time to time, since a
/// lookup or a commit may have left little of the time that an exchange has.
void pool::watch() {
  constexpr duration longest_look = std::chrono::seconds(1);
  const auto now = std::chrono::steady_clock::now();
  auto next = now + std::min(options_.timeout / 8, longest_look);
  for (const auto& known : all_) {
    const auto line = known.lock();
    if (!line) continue;
    if (line->deadline() <= now) line->expire();
    if (line->deadline() > now) next = std::min(next, line->deadline());
  }
  watchdog_->timer.expires_at(next);
  // One that is due already cannot be cancelled any more.
  watchdog_->timer.async_wait([this, w = watchdog_](boost::system::error_code cancelled) {
    if (!cancelled && w->under_way > 0) watch();
  });
}

awaitable<result<std::shared_ptr<connection>>> pool::open(time_limit limit) {
  auto line = std::make_shared<connection>(executor_, *tls_, *session_, options_.peer);
  std::erase_if(all_, [](const auto& known) { return known.expired(); });
  all_.push_back(line);
  const auto opened = co_await line->open(options_.proxy, limit);
  if (!opened) co_return opened.error();
  co_return line;
}

/// One that has rested for less than `trusted` is not looked at.
std::shared_ptr<connection> pool::take_idle(duration trusted) {
  const auto now = std::chrono::steady_clock::now();
  while (!idle_.empty() && idle_.front().until <= now)
    idle_.pop_front();
  while (!idle_.empty()) {
    auto [line, since, until] = std::move(idle_.back());
    idle_.pop_back();
    if (until <= now) continue;
    if (now - since < trusted || !line->stale()) return line;
  }
  return nullptr;
}

void pool::keep(std::shared_ptr<connection> line) {
  const auto allowed = std::min(options_.max_idle, line->keep_alive().value_or(options_.max_idle));
  const auto now = std::chrono::steady_clock::now();
  idle_.push_back({std::move(line), now, now + allowed});
}

void pool::close_all() {
  ++closings_;
  idle_.clear();
  for (const auto& known : all_)
    if (const auto line = known.lock()) line->close();
  all_.clear();
}

} // namespace mcbatch::net
