#include "whole_runs/network.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

namespace mcbatch::whole_runs {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using namespace std::chrono_literals;

net::exchange_failure failed(errc code, std::string what, bool byte_left) {
  return {{code, std::move(what)}, byte_left};
}

net::exchange_failure reset(bool byte_left) {
  return failed(errc::broken_exchange, "the connection was reset", byte_left);
}

/// What a client makes of the bytes that it got, after which the peer closed its side or reset the connection.
net::exchange_result understood(const std::string& bytes, bool closed) {
  http::response_parser<http::string_body> parser;
  parser.eager(true);
  boost::beast::error_code error;
  if (!bytes.empty()) parser.put(asio::buffer(bytes), error);
  if (!error && closed && !parser.is_done()) parser.put_eof(error);
  if (error || !parser.is_done()) return reset(true);
  auto message = parser.release();
  reply answer{static_cast<int>(message.result_int()), {}, std::move(message.body())};
  for (const auto& field : message)
    answer.fields.add(field.name_string(), field.value());
  return answer;
}

/// Of `size` bytes; none and all of them more often than any other number.
std::size_t some_of(std::size_t size, random_source& chance) {
  const auto kind = chance.unit();
  if (kind < 0.15) return 0;
  if (kind < 0.3) return size;
  return static_cast<std::size_t>(chance.unit() * static_cast<double>(size + 1));
}

} // namespace

/// Drawn when an exchange begins, so that what happens later changes nothing of it.
struct network::fate {
  enum class kind { well, unreachable, request_cut, black_hole, answer_cut, half_closed } what = kind::well;
  errc why_unreachable{};
  duration connecting{}, there{}, back{};
  bool arrives = true;
  bool same_id = false;
  random_source chance{0}; // of what is drawn for it on the way
};

struct network::line {
  explicit line(const io_executor& executor) : timer(executor) {}

  /// Ends the exchange, unless it has ended.
  void end(net::exchange_result r) {
    if (result) return;
    result = std::move(r);
    timer.cancel();
  }

  steady_timer timer;
  bool byte_left = false;
  std::optional<net::exchange_result> result;
};

struct network::life {
  std::optional<instant> ended;
};

network::network(io_executor executor, surroundings around, weather how, duration timeout, random_source chance)
    : executor_(std::move(executor)), around_(around), how_(how), timeout_(timeout), chance_(chance),
      life_(std::make_shared<life>()) {}

network::~network() {
  life_->ended = around_.time.now();
}

/// Often the least, often the most, else something between.
duration network::draw(duration least, duration most) {
  const auto kind = chance_.unit();
  if (kind < 0.2) return least;
  if (kind < 0.4) return most;
  return least + chance_.up_to(most - least);
}

network::fate network::draw_fate() {
  fate f;
  using kind = fate::kind;
  const auto strikes = [&](double probability, kind what) {
    if (chance_.unit() < probability && f.what == kind::well) f.what = what;
  };
  strikes(how_.unreachable, kind::unreachable);
  strikes(how_.request_cut, kind::request_cut);
  strikes(how_.black_hole, kind::black_hole);
  strikes(how_.answer_cut, kind::answer_cut);
  strikes(how_.half_closed, kind::half_closed);
  constexpr std::array why{errc::resolve_failed, errc::connect_failed, errc::tls_failed, errc::timed_out};
  f.why_unreachable = why.at(static_cast<std::size_t>(chance_.unit() * why.size()));
  f.connecting =
      f.why_unreachable == errc::timed_out && f.what == kind::unreachable ? timeout_ : draw(0s, how_.slowest / 2);
  f.there = draw(0s, how_.slowest / 2);
  f.back = draw(0s, how_.slowest / 2);
  if (f.what == kind::black_hole) {
    f.arrives = chance_.unit() < 0.5;
    f.there = draw(0s, 2 * timeout_);
  }
  f.same_id = chance_.unit() < how_.same_id;
  f.chance = chance_.fork();
  return f;
}

/// Until then, or until the exchange ends.
awaitable<void> network::stay(std::shared_ptr<line> l, instant until) {
  if (l->result) co_return;
  l->timer.expires_at(until);
  co_await l->timer.async_wait(asio::as_tuple(use_awaitable));
}

awaitable<net::exchange_result> network::exchange(request r, net::before_send ready) {
  const auto l = std::make_shared<line>(executor_);
  lines_.insert(l);
  const auto now = [] { return std::chrono::time_point_cast<duration>(std::chrono::steady_clock::now()); };
  const auto limit = now() + timeout_;
  auto f = draw_fate();

  co_await stay(l, std::min(now() + f.connecting, limit));
  if (!l->result && f.what == fate::kind::unreachable) l->end(failed(f.why_unreachable, "unreachable", false));
  if (!l->result && ready) {
    const bool go = co_await ready();
    if (!go) l->end(failed(errc::stopped, "stopped", false));
  }
  if (!l->result && now() >= limit) l->end(failed(errc::timed_out, "it did not leave in time", false));
  if (!l->result) {
    leave(l, std::move(r), std::move(f), limit - now());
    co_await stay(l, limit);
    l->end(failed(errc::timed_out, "no answer came in time", true));
  }
  lines_.erase(l);
  co_return std::move(*l->result);
}

void network::leave(const std::shared_ptr<line>& l, request r, fate f, duration patience) {
  l->byte_left = true;
  ++left_;
  const std::weak_ptr<line> waiting = l;
  const auto tell = [waiting](net::exchange_result answer) {
    if (const auto there = waiting.lock()) there->end(std::move(answer));
  };
  // What the client has given up on arrives within another timeout, or never.
  const auto arrives_at = around_.time.now() + std::min(f.there, patience + timeout_);
  if (f.what == fate::kind::request_cut) {
    around_.events.add(arrives_at, [tell] { tell(reset(true)); });
    return;
  }
  if (!f.arrives) return;
  const auto arrive = [tell, f, around = around_, life = life_, r = std::move(r), timeout = timeout_]() mutable {
    const auto now = around.time.now();
    // The system closes a dead program's connections: what has not arrived by then does not arrive much later.
    if (life->ended && now > *life->ended + timeout) return;
    auto answer = around.service.arrived(r, around.time.worlds_clocks(), f.same_id, f.chance);
    using kind = fate::kind;
    const auto how = answer.handled.how;
    if (f.what == kind::black_hole || how == sandbox::delivery::hang) return;
    bool closes = f.what == kind::half_closed;
    bool breaks = f.what == kind::answer_cut || closes;
    if (breaks) answer.bytes.resize(some_of(answer.bytes.size(), f.chance));
    if (how == sandbox::delivery::drop) answer.bytes.clear();
    if (how == sandbox::delivery::truncated) answer.bytes.resize(answer.bytes.size() / 2);
    // Without a fault the service ends an answer that has no length by closing.
    if (!breaks) closes = true;
    const auto deliver = [tell, bytes = std::move(answer.bytes), closes] { tell(understood(bytes, closes)); };
    around.events.add(now + f.back, deliver);
  };
  around_.events.add(arrives_at, arrive);
}

void network::close_all() {
  for (const auto& l : lines_)
    l->end(failed(errc::stopped, "given up, because a stop was asked for", l->byte_left));
}

} // namespace mcbatch::whole_runs
