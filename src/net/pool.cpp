#include <mcbatch/net/pool.hpp>

#include "connection.hpp"

#include <algorithm>

namespace mcbatch::net {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

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

connection::message to_message(request what, const origin& peer) {
  const auto method = what.method == verb::post ? http::verb::post : http::verb::get;
  connection::message message(method, what.target, 11);
  message.set(http::field::host, host_field(peer));
  message.set(http::field::user_agent, "mcbatch/" MCBATCH_VERSION);
  for (const auto& field : what.fields)
    message.set(field.name, field.value);
  message.body() = std::move(what.body);
  message.prepare_payload();
  return message;
}

} // namespace

pool::pool(asio::any_io_executor executor, const tls_context& tls, pool_options options)
    : executor_(std::move(executor)), tls_(tls.native()), options_(std::move(options)) {}

pool::~pool() = default;

asio::awaitable<exchange_result> pool::exchange(request what, before_send ready) {
  const time_limit limit{std::chrono::steady_clock::now() + options_.timeout, options_.timeout};
  const auto closings = closings_;
  auto line = co_await obtain(limit);
  if (line && ready) {
    const bool go = co_await ready();
    if (closings != closings_) co_return not_sent(given_up(options_.peer));
    if (!go) keep(*line);
    if (!go) co_return not_sent(given_up(options_.peer));
    // `ready` may have taken long enough for the peer to close.
    if ((*line)->stale()) line = co_await obtain(limit);
  }
  if (closings != closings_) co_return not_sent(given_up(options_.peer));
  if (!line) co_return not_sent(line.error());
  if (limit.passed()) co_return not_sent(limit.failed("the request to " + to_string(options_.peer) + " did not leave"));

  auto message = to_message(std::move(what), options_.peer);
  auto answer = co_await (*line)->exchange(std::move(message), {options_.max_header, options_.max_body}, limit);
  carried_.sent += (*line)->last().sent;
  carried_.received += (*line)->last().received;
  if (!answer) co_return exchange_failure{closings == closings_ ? answer.error() : given_up(options_.peer), true};
  if ((*line)->reusable()) keep(*line);
  co_return std::move(*answer);
}

asio::awaitable<result<std::shared_ptr<connection>>> pool::obtain(time_limit limit) {
  auto line = take_idle();
  if (line) co_return line;

  line = std::make_shared<connection>(executor_, *tls_, options_.peer);
  std::erase_if(all_, [](const auto& known) { return known.expired(); });
  all_.push_back(line);
  const auto opened = co_await line->open(options_.proxy, limit);
  if (!opened) co_return opened.error();
  co_return line;
}

std::shared_ptr<connection> pool::take_idle() {
  const auto now = std::chrono::steady_clock::now();
  std::erase_if(idle_, [now](const auto& waiting) { return waiting.until <= now; });
  while (!idle_.empty()) {
    auto line = std::move(idle_.back().line);
    idle_.pop_back();
    if (!line->stale()) return line;
  }
  return nullptr;
}

void pool::keep(std::shared_ptr<connection> line) {
  const auto allowed = std::min(options_.max_idle, line->keep_alive().value_or(options_.max_idle));
  idle_.push_back({std::move(line), std::chrono::steady_clock::now() + allowed});
}

void pool::close_all() {
  ++closings_;
  idle_.clear();
  for (const auto& known : all_)
    if (const auto line = known.lock()) line->close();
  all_.clear();
}

} // namespace mcbatch::net
