#include "cli/live_page.hpp"

#include "cli/exit_code.hpp"

#include <mcbatch/report/ledger_picture.hpp>
#include <mcbatch/report/page.hpp>
#include <mcbatch/report/progress.hpp>
#include <mcbatch/submit/clocks.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/host_name.hpp>
#include <openssl/crypto.h>

#include <algorithm>
#include <utility>

#include <sys/random.h>

namespace mcbatch::cli {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr duration push_period = 1s;
constexpr duration least_gap = 1s;           // from one look at the whole ledger to the next
constexpr duration way_of_a_page = 3s;       // until it comes for what is pushed to it
constexpr duration longest_look = 2s;        // that a page waits for
constexpr int gap_of_a_look = 10;            // and in times of how long it took
constexpr unsigned requests_per_second = 50; // a page takes some milliseconds

std::string draw_secret() {
  job_key random; // 32 hexadecimal digits
  if (::getentropy(random.bytes.data(), random.bytes.size()) != 0)
    throw exit_with{exit_code::unavailable, "the system gave no random bytes for the page's secret link"};
  return to_hex(random);
}

bool is_same_secret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

/// A web site that has its own name resolved to this machine would else be shown the page by its visitors' browsers
/// (DNS rebinding).
bool names_this_machine(const request& r) {
  auto host = r.fields.find("Host").value_or("");
  if (const auto colon = host.rfind(':'); colon != std::string_view::npos && host.find(']', colon) == host.npos)
    host = host.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  boost::system::error_code no_address;
  asio::ip::make_address(host, no_address);
  return !no_address || iequals(host, "localhost");
}

reply guarded(int status) {
  reply r;
  r.status = status;
  r.fields.add("Cache-Control", "no-store");
  r.fields.add("X-Content-Type-Options", "nosniff");
  r.fields.add("X-Frame-Options", "DENY");
  r.fields.add("Referrer-Policy", "no-referrer");
  r.fields.add("Cross-Origin-Resource-Policy", "same-origin");
  return r;
}

reply make_reply(int status, std::string_view type, std::string body) {
  auto r = guarded(status);
  r.fields.add("Content-Type", type);
  r.body = std::move(body);
  return r;
}

web::answer plainly(int status, std::string body) {
  return {make_reply(status, "text/plain; charset=utf-8", std::move(body))};
}

report::try_end end_of(const submit::try_report& t) {
  switch (t.state) {
  case job_state::submitted:
    return report::try_end::accepted;
  case job_state::rejected:
    return report::try_end::rejected;
  case job_state::in_doubt:
    return report::try_end::in_doubt;
  default:
    return t.what.what == meaning::rate_limited ? report::try_end::rate_limited : report::try_end::put_back;
  }
}

std::vector<duration> windows_of(const std::vector<quota::limit>& limits) {
  std::vector<duration> windows{1min, 1h};
  for (const auto& l : limits)
    if (!std::ranges::count(windows, l.window)) windows.push_back(l.window);
  return windows;
}

} // namespace

void add_wait(report::picture& p, const submit::wait_state& wait, now_pair now) {
  auto sentence = report::describe_without_end(wait);
  if (sentence.empty()) return;
  p.waiting = {std::move(sentence), wait.until ? std::optional(submit::at_wall(*wait.until, now)) : std::nullopt};
}

void add_limits(report::picture& p, const quota::governor& governor, bool by_tier, instant now) {
  for (const auto& l : governor.limits())
    p.limits.push_back({l, governor.used(now, l.window)});
  if (by_tier) p.tier = quota::to_string(governor.current_tier());
}

live_page::live_page(asio::io_context& io, const page_place& place, std::string ledger_path, ledger::writer& writer,
                     page_source source, std::shared_ptr<spdlog::logger> log)
    : ledger_path_(std::move(ledger_path)), is_loopback_(place.at.is_loopback), log_(log), writer_(writer),
      source_(std::move(source)), history_(windows_of(source_.governor.limits())),
      feed_(std::make_shared<web::feed>(io.get_executor())), changed_(io, instant::max()),
      look_(io.get_executor(), std::filesystem::absolute(ledger_path_)) {
  if (!is_loopback_) secret_ = draw_secret();
  web::server_settings settings;
  settings.address = place.at.host;
  settings.port = place.at.port;
  settings.tls = place.tls;
  settings.requests_per_second = requests_per_second;
  const auto answers = [this](request r) { return answer_to(std::move(r)); };
  const auto problem = [log](const std::string& sentence) { log->warn(sentence); };
  server_ = value_or_exit(web::server::listen(io.get_executor(), settings, answers, problem));
  // Who wants warnings alone must be told a secret all the same.
  log->log(is_loopback_ ? spdlog::level::info : spdlog::level::warn, "the page is at {}", link());
  if (!is_loopback_ && !place.tls)
    log->warn("Whoever can listen to the network learns the page's secret link: with --cert-file and --key-file it is "
              "shown over TLS.");
  remember_what_was_spent(submit::read_clocks());
}

/// A window that has begun goes on over this run's start, whichever process spent its tokens.
void live_page::remember_what_was_spent(now_pair now) {
  const auto& governor = source_.governor;
  const auto memory = governor.memory();
  const auto step = std::max<duration>(1s, memory / 3600);
  auto before = governor.over_after(now.mono - memory);
  for (auto age = memory; age > duration::zero(); age -= step) {
    const auto after = governor.over_after(now.mono - age + step);
    if (after < before) history_.remember(chart_clock_.at(now.mono - age), before - after);
    before = after;
  }
}

std::string live_page::link() const {
  auto origin = server_->origin();
  for (const std::string_view anywhere : {"//0.0.0.0:", "//[::]:"}) {
    boost::system::error_code none;
    const auto name = asio::ip::host_name(none);
    if (const auto at = origin.find(anywhere); at != std::string::npos && !none)
      origin.replace(at, anywhere.size(), "//" + name + ":");
  }
  return origin + (is_loopback_ ? "/" : "/" + secret_ + "/");
}

awaitable<web::answer> live_page::answer_to(request r) {
  std::string_view path(r.target);
  path = path.substr(0, path.find('?'));
  if (r.method != verb::get) {
    auto refused = plainly(405, "This is a page to look at.\n");
    refused.whole.fields.add("Allow", "GET, HEAD");
    co_return refused;
  }
  if (is_loopback_ && !names_this_machine(r))
    co_return plainly(421, "This page is shown under the address of this machine alone.\n");
  if (!is_loopback_) {
    if (!is_same_secret(path.substr(0, std::min(path.size(), secret_.size() + 1)), "/" + secret_))
      co_return plainly(404, "There is nothing here.\n");
    path.remove_prefix(secret_.size() + 1);
  }
  looked_for_ = submit::read_clocks().mono;
  if (path == "/metrics")
    co_return web::answer{
        make_reply(200, "text/plain; version=0.0.4; charset=utf-8", source_.metrics(submit::read_clocks()))};
  if (path == "/events") {
    given_out_.reset();
    co_return web::answer{guarded(200), feed_};
  }
  if (path == "/") co_return co_await show_the_page();
  co_return plainly(404, "There is nothing here.\n");
}

/// As it stands now: while nobody looked, the ledger was left in peace.
awaitable<web::answer> live_page::show_the_page() {
  const auto asked_at = submit::read_clocks();
  look_at_the_ledger(asked_at);
  count_jobs([] {});
  constexpr auto as_result = asio::as_tuple(use_awaitable);
  while ((looking_ || counting_) && submit::read_clocks().mono < asked_at.mono + longest_look)
    co_await changed_.async_wait(as_result);
  auto html = report::page_html(report::page_kind::live, picture(submit::read_clocks()));
  given_out_ = submit::read_clocks().mono;
  co_return web::answer{make_reply(200, "text/html; charset=utf-8", std::move(html))};
}

wall_time live_page::chart_now() const {
  return chart_clock_.at(submit::read_clocks().mono);
}

void live_page::sent() {
  history_.sent(chart_now());
}

void live_page::tried(const submit::try_report& t) {
  const auto latency = t.what.http_status != 0 ? std::optional(t.latency) : std::nullopt;
  if (t.was_told_sent) history_.answered(chart_now(), end_of(t), latency);
}

void live_page::polled(const outcome& what, duration latency) {
  sent();
  const bool told = what.what == meaning::accepted || what.what == meaning::refused;
  const auto how = told                                 ? report::try_end::told
                   : what.what == meaning::rate_limited ? report::try_end::rate_limited
                                                        : report::try_end::put_back;
  history_.answered(chart_now(), how, what.http_status != 0 ? std::optional(latency) : std::nullopt);
}

void live_page::ended(const conversion& how) {
  history_.ended(chart_now(), how.state);
}

std::string live_page::picture(now_pair now) {
  report::picture p;
  p.ledger = ledger_path_;
  p.generated_at = now.wall;
  p.live = true;
  p.running = !ended_;
  p.ended = ended_;
  p.manifests = survey_.manifests;
  p.jobs = counts_.jobs;
  p.conversions = counts_.conversions;
  p.missing = counts_.missing;
  p.costs = survey_.costs;
  p.problems = survey_.problems;
  if (p.running) report::drop_what_is_being_sent(p.problems);
  p.runs = survey_.runs;
  p.survey_at = survey_at_;
  source_.fill(p, now);
  history_.reach(chart_clock_.at(now.mono));
  p.requests = history_.requests(p.limits);
  p.requests.start += chart_clock_.shift(now);
  p.every_request = true;
  p.latency = history_.latency();
  p.ended_conversions = history_.ended_conversions();
  p.ended_conversions.start += chart_clock_.shift(now);
  return report::to_json(p);
}

/// Where that fails, the last look stands.
void live_page::look_at_the_ledger(now_pair now) {
  if (looking_ || ended_ || now.mono < next_look_) return;
  looking_ = true;
  look_.begin([this](const ledger_look::seen& seen) {
    looking_ = false;
    next_look_ = submit::read_clocks().mono + std::max(least_gap, gap_of_a_look * seen.took);
    if (!seen.what && !std::exchange(told_of_failure_, true))
      log_->warn("The page shows costs and problems as they were, for the ledger could not be looked at: {}",
                 seen.what.error().what);
    if (!seen.what || ended_) return;
    survey_ = *seen.what;
    survey_at_ = seen.at;
    changed_.cancel();
  });
}

live_page::counts live_page::counts_of(const ledger::store& s) {
  return {s.counts(), s.conversions(), s.missing()};
}

/// Where the ledger fails, the jobs that wait for it tell.
void live_page::count_jobs(std::function<void()> counted) {
  if (std::exchange(counting_, true)) return;
  const auto found = std::make_shared<counts>();
  const auto work = [found](ledger::store& s) { *found = counts_of(s); };
  writer_.post(work, [this, found, counted = std::move(counted)](const result<void>& committed) {
    counting_ = false;
    if (committed && !ended_) counts_ = *found;
    changed_.cancel();
    counted();
  });
}

void live_page::tick(now_pair now) {
  changed_.cancel(); // who waits for a look waits so long and no longer
  if (feed_->followers() > 0) looked_for_ = now.mono;
  if (now.mono - looked_for_ < 10 * push_period) look_at_the_ledger(now);
  if (now.mono < next_push_ || feed_->followers() == 0) return;
  next_push_ = now.mono + push_period;
  count_jobs([this] { feed_->publish(picture(submit::read_clocks())); });
}

void live_page::show_the_end(asio::io_context& io) {
  look_.wait();
  const auto now = submit::read_clocks();
  const auto look = [this](ledger::store& s) {
    counts_ = counts_of(s);
    survey_ = s.survey(ledger_look::most_groups, ledger_look::most_places);
  };
  if (writer_.run(look)) survey_at_ = now.wall; // a ledger that failed is told of; then the last look stands
  ended_ = true;
  io.restart();
  // A page that was given out a moment ago has still to come for what is pushed to it.
  while (given_out_ && io.run_one_until(*given_out_ + way_of_a_page) > 0) {
  }
  feed_->publish(picture(submit::read_clocks()));
  feed_->end();
  const auto give_up = std::chrono::steady_clock::now() + 1s;
  while (feed_->followers() > 0 && io.run_one_until(give_up) > 0) {
  }
}

} // namespace mcbatch::cli
