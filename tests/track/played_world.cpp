#include "track/played_world.hpp"

#include "sandbox/webhook_signature.hpp"

#include <mcbatch/api/webhook_url.hpp>
#include <mcbatch/submit/clocks.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <stdexcept>

#include <stdlib.h>

namespace mcbatch::track::test {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr duration longest = 24h * 3; // that a test may play
const wall_time noon{std::chrono::seconds(1705320000)};

result<api::token> the_token() {
  return api::token::from("mc_test_track", "a test");
}

/// Counts the tokens whose spending the other processes know of.
class counting_log : public simulation::shared_memory_log {
public:
  counting_log(simulation::account_memory& all, std::size_t* spent) : shared_memory_log(all), spent_(spent) {}
  result<void> append(std::span<const quota::event> events, now_pair now) override {
    *spent_ += static_cast<std::size_t>(std::ranges::count(events, quota::event_kind::leave, &quota::event::kind));
    return shared_memory_log::append(events, now);
  }

private:
  std::size_t* spent_;
};

/// Counts what is left of submission's jobs.
struct counting_observer : submit::observer {
  explicit counting_observer(bool* has_jobs, std::size_t jobs) : has_jobs_(has_jobs), left_(jobs) {}
  void imported(const submit::import_counts&, const std::vector<submit::manifest_problem>&) override {}
  void import_ended(const std::optional<std::string>&) override {}
  void spent() override {}
  void refunded() override {}
  void sent() override {}
  void tried(const submit::try_report& t) override {
    if (t.state == job_state::submitted) *has_jobs_ = --left_ > 0;
  }
  void expired(const submit::try_report&) override {}
  void soonest_first(std::uint64_t) override {}
  void put_back(std::size_t) override {}
  void probed(const outcome&, bool) override {}
  void waits(const submit::wait_state&) override {}
  void problem(const std::string&) override {}

  bool* has_jobs_;
  std::size_t left_;
};

} // namespace

temporary_folder::temporary_folder() {
  std::string pattern = std::filesystem::temp_directory_path() / "mcbatch-track-XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
  path_ = pattern;
}

temporary_folder::~temporary_folder() {
  std::error_code ignored; // what is left behind is in a temporary folder
  std::filesystem::remove_all(path_, ignored);
}

const instant played_world::beginning_{100h};

played_world::played_world(service answers)
    : time_(beginning_, noon), service_(std::move(answers)),
      client_(api::base_url::parse("https://service.example/api/v1").value(),
              [this](request r, net::before_send ready) { return exchange(std::move(r), std::move(ready)); }),
      token_(the_token().value(), [this] { return read_token(); }) {
  read_token = the_token;
  fill([](ledger::store&) {});
}

void played_world::fill(const std::function<void(ledger::store&)>& work) {
  auto store = ledger::store::create_or_open(folder_.path() / "ledger", {}).value();
  store.transact(work).value();
  store.close().value();
}

void played_world::open() {
  if (writer_) return;
  auto store = ledger::store::open_existing(folder_.path() / "ledger", {}).value();
  ledger_id_ = store.ledger_id();
  address_secret_ = store.address_secret();
  writer_ = ledger::writer::start(std::move(store), ledger::writer::mode::manual,
                                  [this](std::function<void()> f) { asio::post(io_, std::move(f)); });
  const auto heard = [this](const news& n) {
    if (tracker_) tracker_->heard(n);
  };
  const auto failed = [this](const failure& f) {
    if (tracker_) tracker_->ledger_failed(f);
  };
  receiver_ = std::make_unique<event_receiver>(*writer_, secret, address_secret_, heard, failed);
}

played_world::~played_world() {
  time_.forget_timers();
}

std::int64_t played_world::import(ledger::store& s, std::uint64_t n) {
  const auto body = R"({"n":)" + std::to_string(n) + "}";
  return s.import({key_of(n), key_of(n), body, s.manifest("m"), n, 0, {}, "video"}).id;
}

void played_world::add_submitted(std::uint64_t n, std::chrono::seconds age) {
  fill([&](ledger::store& s) {
    const auto id = import(s, n);
    s.begin(id, noon - age);
    ledger::verdict v;
    v.state = job_state::submitted;
    v.what.what = meaning::accepted;
    v.what.http_status = 201;
    v.what.job_id = id_of(n);
    v.what.estimated_cost_micros = 1000;
    v.at = noon - age;
    s.finish(id, v);
  });
}

void played_world::add_in_doubt(std::uint64_t n) {
  constexpr auto age = 1h;
  fill([&](ledger::store& s) {
    const auto id = import(s, n);
    s.begin(id, noon - age);
    ledger::verdict v;
    v.state = job_state::in_doubt;
    v.what.what = meaning::lost;
    v.at = noon - age;
    v.doubted = true;
    s.finish(id, v);
  });
}

void played_world::add_pending(std::uint64_t n) {
  fill([&](ledger::store& s) { import(s, n); });
}

void played_world::at(duration since_beginning, std::function<void()> what) {
  const auto timer = std::make_shared<steady_timer>(io_, beginning_ + since_beginning);
  timer->async_wait([timer, what = std::move(what)](boost::system::error_code) { what(); });
}

awaitable<net::exchange_result> played_world::exchange(request r, net::before_send ready) {
  const bool go = ready ? co_await ready() : true;
  if (!go) co_return net::exchange_failure{{errc::stopped, "stopped"}, false};
  sent.push_back({now(), r.method, r.target});
  if (sent.size() > spent_) throw std::runtime_error("a request left before its token was spent for all to see");
  auto answer = service_(r);
  steady_timer way(io_, round_trip);
  co_await way.async_wait(use_awaitable);
  co_return answer;
}

void played_world::make() {
  open();
  quota::governor_settings g;
  g.limits = limits;
  account_.emplace(submit::account::join(std::make_unique<counting_log>(memory_, &spent_), 1, g, random_source(2),
                                         submit::read_clocks())
                       .value());
  tracker_parts parts{*writer_, client_, *account_, token_, observer, {}};
  parts.beside = [this]() -> tracker_parts::submission { return {submission_ended_, !submission_ended_ && has_jobs_}; };
  tracker_ = std::make_unique<track::tracker>(io_.get_executor(), std::move(parts), settings);
}

void played_world::start_tracker() {
  asio::co_spawn(io_, tracker_->run(), [this](std::exception_ptr error) {
    error_ = error;
    tracker_ended_ = true;
  });
}

void played_world::start_submission() {
  asio::co_spawn(io_, submitter_->run(), [this](std::exception_ptr error) {
    if (error) error_ = error;
    submission_ended_ = true;
    tracker_->submission_changed();
  });
}

void played_world::play() {
  make();
  start_tracker();
  go_on();
}

void played_world::play_with_submission(bool tracker_first) {
  make();
  std::size_t jobs = 0;
  writer_
      ->run([&](ledger::store& s) {
        s.queue_all_pending();
        jobs = s.counts()[job_state::pending];
      })
      .value();
  submission_ended_ = false;
  has_jobs_ = jobs > 0;
  submission_told_ = std::make_unique<counting_observer>(&has_jobs_, jobs);
  submit::run_parts parts{*writer_, ledger_id_, client_, [] {}, *account_, token_, *submission_told_};
  submitter_ = std::make_unique<submit::submitter>(io_.get_executor(), std::move(parts), submit::scheduler_settings{},
                                                   random_source(3), 30s);
  submitter_->share_quota_with(*tracker_);
  submitter_->jobs_are_there();
  if (input_ends_after > 0s)
    at(input_ends_after, [this] { submitter_->input_ended(); });
  else
    submitter_->input_ended();
  if (tracker_first) start_tracker();
  start_submission();
  if (!tracker_first) start_tracker();
  go_on();
}

void played_world::run() {
  while (io_.poll() > 0) {
  }
  io_.restart();
}

void played_world::go_on() {
  while (!tracker_ended_ || !submission_ended_) {
    io_.restart();
    if (io_.poll() > 0 || writer_->pump()) continue;
    const auto next = time_.next_timer();
    if (!next) throw std::runtime_error("everything waits, and for nothing");
    if (*next > beginning_ + longest) throw std::runtime_error("it does not come to its end");
    time_.advance_to(*next);
  }
  if (error_) std::rethrow_exception(error_);
}

std::string played_world::address_of(std::uint64_t n) {
  open();
  return api::webhook_url_of("/events?of=us", key_of(n), address_secret_);
}

void played_world::hear(const std::string& body, std::uint64_t n) {
  request r{verb::post, address_of(n), {}, body};
  r.fields.add("X-MediaConvert-Signature", sandbox::webhook_signature(body, secret));
  hear(std::move(r));
}

void played_world::hear(request r) {
  open();
  asio::co_spawn(io_, receiver_->receive(std::move(r)), [this](std::exception_ptr error, reply whole) {
    if (error) error_ = error;
    answered.push_back(std::move(whole));
  });
}

std::uint64_t played_world::missing_on_record() {
  open();
  std::uint64_t missing = 0;
  writer_->run([&](ledger::store& s) { missing = s.missing(); }).value();
  return missing;
}

ledger::record played_world::record_of(std::uint64_t n) {
  open();
  std::optional<ledger::record> found;
  writer_
      ->run([&](ledger::store& s) {
        s.for_each({}, [&](const ledger::record& r) {
          if (r.line == n) found = r;
          return !found;
        });
      })
      .value();
  return found.value();
}

job_key key_of(std::uint64_t n) {
  job_key key;
  key.bytes[0] = static_cast<unsigned char>(n);
  key.bytes[1] = static_cast<unsigned char>(n >> 8U);
  return key;
}

std::string id_of(std::uint64_t n) {
  return "job_" + std::to_string(n);
}

std::uint64_t job_asked_about(const request& r) {
  const auto at = r.target.rfind("/job_");
  return r.method == verb::get && at != std::string::npos ? std::stoull(r.target.substr(at + 5)) : 0;
}

reply answer_of(std::uint64_t n, std::string_view status, const std::string& more) {
  return {200, {}, R"({"id":")" + id_of(n) + R"(","status":")" + std::string(status) + "\"" + more + "}"};
}

std::string event_of(std::uint64_t n, std::string_view status, const std::string& more) {
  return R"({"job_id":")" + id_of(n) + R"(","status":")" + std::string(status) + "\"" + more + "}";
}

} // namespace mcbatch::track::test
