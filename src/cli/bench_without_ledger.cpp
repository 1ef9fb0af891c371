#include "cli/bench_load.hpp"
#include "cli/bench_stops.hpp"
#include "cli/exit_code.hpp"
#include "cli/generated_jobs.hpp"
#include "cli/stop_sentence.hpp"

#include <mcbatch/api/client.hpp>
#include <mcbatch/api/idempotency_key.hpp>
#include <mcbatch/loop/event_loop.hpp>
#include <mcbatch/submit/clocks.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>

#include <cstring>
#include <exception>
#include <random>

namespace mcbatch::cli {
namespace {

namespace asio = boost::asio;
using submit::stop_reason;

constexpr std::uint64_t most_unanswered = 100; // in a row: there is no service

/// The jobs, one after the other: generated, or from manifests.
class job_source {
public:
  explicit job_source(const bench_load& load) : load_(load) {}

  /// Nothing at the end, or where a manifest cannot be read on: see `broken`.
  std::optional<job> next();

  [[nodiscard]] const submit::import_counts& read() const { return read_; }
  [[nodiscard]] const std::optional<failure>& broken() const { return broken_; }

private:
  std::optional<job> generate();
  std::optional<job> take(manifest::item item);

  const bench_load& load_;
  submit::import_counts read_;
  std::size_t manifest_ = 0;
  std::optional<manifest::reader> reader_;
  std::optional<failure> broken_;
};

std::optional<job> job_source::next() {
  if (broken_ || (load_.jobs && read_.queued == *load_.jobs)) return std::nullopt;
  if (load_.manifests.empty()) return generate();
  while (manifest_ < load_.manifests.size()) {
    if (!reader_) {
      auto opened = manifest::reader::open(load_.manifests[manifest_], load_.reading);
      if (!opened) broken_ = opened.error();
      if (!opened) return std::nullopt;
      reader_.emplace(std::move(*opened));
    }
    auto item = reader_->next();
    if (!item) broken_ = item.error();
    if (!item) return std::nullopt;
    if (!item->has_value()) {
      reader_.reset();
      ++manifest_;
    } else if (auto valid = take(std::move(**item))) {
      return valid;
    }
  }
  return std::nullopt;
}

std::optional<job> job_source::generate() {
  job j;
  ++read_.read;
  const auto n = ++read_.queued;
  std::memcpy(j.key.bytes.data(), &n, sizeof n);
  j.body = generated_job(n);
  return j;
}

std::optional<job> job_source::take(manifest::item item) {
  ++read_.read;
  auto* entry = std::get_if<manifest::entry>(&item);
  ++(entry ? read_.queued : read_.invalid);
  if (!entry) return std::nullopt;
  job j;
  j.key = entry->key;
  j.body = std::move(entry->body);
  return j;
}

class plain_load {
public:
  plain_load(const bench_load& load, service_setup setup, bench_meter& meter, spdlog::logger& log);

  bench_end run();

private:
  awaitable<void> send_all();
  awaitable<void> send(job j, instant due);
  void look_at(const outcome& what);
  awaitable<void> wait(std::optional<instant> until);
  void stop(stop_reason reason);

  const bench_load& load_;
  bench_meter& meter_;
  job_source jobs_;
  std::string run_id_ = std::to_string(std::random_device{}()); // of Idempotency-Keys
  asio::io_context io_{1};
  service_setup setup_;
  net::pool pool_;
  api::client client_;
  steady_timer waker_;
  bench_stops stops_;
  std::optional<stop_reason> stop_;
  std::optional<outcome> stopped_by_;
  std::size_t in_flight_ = 0;
  std::uint64_t unanswered_ = 0; // in a row
  std::exception_ptr error_;
};

plain_load::plain_load(const bench_load& load, service_setup setup, bench_meter& meter, spdlog::logger& log)
    : load_(load), meter_(meter), jobs_(load), setup_(std::move(setup)),
      pool_(io_.get_executor(), setup_.tls, setup_.pool),
      client_(setup_.url,
              [this](request r, net::before_send ready) { return pool_.exchange(std::move(r), std::move(ready)); }),
      waker_(io_), stops_(io_, load, meter,
                          {[this](stop_reason reason) { stop(reason); },
                           [this] {
                             stop(stop_reason::signal);
                             pool_.close_all();
                           }},
                          log) {}

void plain_load::stop(stop_reason reason) {
  if (!stop_) stop_ = reason;
  waker_.cancel();
}

/// All is this thread's: whoever changes something cancels the timer, and the loop looks again.
awaitable<void> plain_load::wait(std::optional<instant> until) {
  waker_.expires_at(until.value_or(instant::max()));
  boost::system::error_code cancelled;
  co_await waker_.async_wait(asio::redirect_error(use_awaitable, cancelled));
}

awaitable<void> plain_load::send_all() {
  const auto done = [this](std::exception_ptr error) {
    if (error) error_ = error;
    --in_flight_;
    waker_.cancel();
  };
  std::optional<job> next;
  for (std::uint64_t n = 0; !stop_ && !error_;) {
    if (in_flight_ == load_.connections) {
      co_await wait(std::nullopt);
      continue;
    }
    if (!next) next = jobs_.next();
    if (!next) break;
    const auto now = submit::read_clocks().mono;
    const auto due = load_.pace ? load_.pace->due(meter_.record().begun().value_or(now), n) : now;
    if (now < due) {
      co_await wait(due);
      continue;
    }
    meter_.left();
    if (n++ == 0) stops_.begin();
    ++in_flight_;
    asio::co_spawn(io_, send(std::move(*next), due), done);
    next.reset();
  }
  while (in_flight_ > 0)
    co_await wait(std::nullopt);
}

awaitable<void> plain_load::send(job j, instant due) {
  auto key = api::idempotency_key(run_id_, j);
  const auto attempt = co_await client_.create(setup_.token.current(), j, std::move(key), {});
  meter_.ended(submit::read_clocks().mono - due, attempt.result);
  look_at(attempt.result);
}

/// Where there is no service, or it does not know us, nothing is to be measured.
void plain_load::look_at(const outcome& what) {
  unanswered_ = what.http_status == 0 ? unanswered_ + 1 : 0;
  const auto reason = what.what == meaning::untrusted      ? std::optional(stop_reason::tls)
                      : what.what == meaning::unauthorized ? std::optional(stop_reason::unauthorized)
                      : unanswered_ >= most_unanswered     ? std::optional(stop_reason::outage)
                                                           : std::nullopt;
  if (!reason || stop_) return;
  stopped_by_ = what;
  stop(*reason);
}

bench_end plain_load::run() {
  const auto ended = [this](std::exception_ptr error) {
    if (error) error_ = error;
    meter_.stop();
    io_.stop();
  };
  asio::co_spawn(io_, send_all(), ended);
  io_.run();
  if (error_) std::rethrow_exception(error_);

  bench_end end;
  end.reason = stop_.value_or(stop_reason::done);
  if (end.reason == stop_reason::outage)
    end.problem = "Stopped: " + std::to_string(most_unanswered) + " requests in a row had no answer" +
                  words_of(*stopped_by_) + ". Look whether the server is there.";
  else if (end.reason != stop_reason::max_duration)
    end.problem = stop_sentence(end.reason, stopped_by_, {});
  end.unread = jobs_.broken();
  end.read = jobs_.read();
  end.overdue = stops_.overdue();
  end.carried = pool_.carried();
  return end;
}

} // namespace

bench_end load_without_ledger(const bench_load& load, service_setup setup, bench_meter& meter, spdlog::logger& log) {
  plain_load run(load, std::move(setup), meter, log);
  return run.run();
}

} // namespace mcbatch::cli
