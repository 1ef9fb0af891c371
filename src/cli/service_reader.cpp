#include "cli/service_reader.hpp"

#include "cli/stop_sentence.hpp"

#include <mcbatch/report/text.hpp>
#include <mcbatch/submit/clocks.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include <algorithm>
#include <random>
#include <thread>

namespace mcbatch::cli {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr int most_refusals = 3; // 429s in a row that are waited out
constexpr duration worth_telling = 2s;
constexpr duration look_again = 1s; // another run may have given a token back

quota::governor_settings settings_of(const quota_options& o, const service_setup& setup) {
  quota::governor_settings settings;
  settings.ceiling = o.tier;
  settings.limits = o.limits;
  settings.timeout = setup.pool.timeout;
  return settings;
}

exit_with used_up(duration wait) {
  return {exit_code::stopped_early, "the account's quota is used up for another " + report::for_people(wait) +
                                        ", by what mcbatch has spent of it: ask again then, or name a higher tier with "
                                        "--tier if the account has one"};
}

} // namespace

service_reader::service_reader(service_setup setup, const quota_options& quota, patience p, spdlog::logger& log)
    : log_(log), patience_(p), setup_(std::move(setup)), pool_(io_.get_executor(), setup_.tls, setup_.pool),
      client_(setup_.url,
              [this](request r, net::before_send ready) { return pool_.exchange(std::move(r), std::move(ready)); }),
      account_(
          value_or_exit(submit::account::open(setup_.state_file(setup_.token.current()), settings_of(quota, setup_),
                                              random_source(std::random_device{}()), submit::read_clocks()))) {}

service_reader::exchange service_reader::try_to_ask(const call& how) {
  for (int refusals = 0;;) {
    const auto id = leave();
    exchange e;
    e.left = submit::read_clocks().wall;
    auto answered = asio::co_spawn(io_, how(client_, setup_.token.current()), asio::use_future);
    io_.restart();
    io_.run();
    e.attempt = answered.get();
    e.ended = submit::read_clocks().wall;
    settle(id, e.attempt);
    const bool again = patience_ == patience::waits && e.attempt.result.what == meaning::rate_limited;
    if (!again || ++refusals == most_refusals) return e;
  }
}

reply service_reader::ask(const call& how, const std::string& what) {
  auto attempt = try_to_ask(how).attempt;
  if (attempt.result.what != meaning::accepted) throw refusal(attempt.result, what);
  return std::move(*attempt.answer);
}

exit_with service_reader::refusal(const outcome& o, const std::string& what) {
  const auto words = words_of(o);
  switch (o.what) {
  case meaning::unauthorized:
    return {exit_code::refused, "the service refused the token" + words + "; get a good one"};
  case meaning::forbidden:
    return {exit_code::refused, "the token may not ask for " + what + words};
  case meaning::payment_required:
    return {exit_code::refused, "the account has no credit" + words};
  case meaning::rate_limited:
    return {exit_code::stopped_early, "the account's quota is used up" + words + "; ask again later"};
  default:
    return {exit_code::unavailable, "the service could not be asked" + words};
  }
}

/// Spends a token, once there is one.
quota::request_id service_reader::leave() {
  bool told = false;
  for (;;) {
    quota::request_id id;
    const auto now = submit::read_clocks();
    const auto admission = account_.try_leave(now, id);
    if (admission.go) return id;
    const auto wait = admission.until ? *admission.until - now.mono : look_again;
    if (patience_ == patience::none) throw used_up(wait);
    if (wait >= worth_telling && !std::exchange(told, true))
      log_.info("waiting {} for the account's quota", report::for_people(wait));
    report_account_problem();
    std::this_thread::sleep_for(std::clamp(wait, duration(1ms), look_again));
  }
}

void service_reader::settle(quota::request_id id, const api::attempt& attempt) {
  const auto now = submit::read_clocks();
  account_.settle(id, attempt.answer, byte_left(attempt.result.what), now);
  log_.debug("the service answered {}", attempt.result.http_status);
  report_account_problem();
}

void service_reader::report_account_problem() {
  if (const auto problem = account_.take_problem()) log_.warn(problem->what);
}

} // namespace mcbatch::cli
