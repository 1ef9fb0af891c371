#include "whole_runs/program.hpp"

#include <mcbatch/submit/clocks.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace mcbatch::whole_runs {
namespace {

namespace asio = boost::asio;

constexpr std::uint64_t read_at_once = 5;

job_key key_of(std::uint64_t job) {
  job_key key;
  for (auto& byte : key.bytes)
    byte = static_cast<unsigned char>((job += 0x9e3779b9U) * 31 >> 3U);
  return key;
}

std::string body_of(std::uint64_t job) {
  return R"({"job_type":"video","input_url":"https://in.example/)" + std::to_string(job) + R"(","output_url":")" +
         output_url(job) + R"(","input_format":"mp4","output_format":"webm"})";
}

result<api::token> the_token() {
  return api::token::from("mc_test_whole_runs", "a test");
}

quota::governor_settings governor_settings(const program::settings& s) {
  quota::governor_settings g;
  g.limits = s.limits;
  g.timeout = s.timeout;
  return g;
}

submit::scheduler_settings scheduler_settings(const program::settings& s) {
  submit::scheduler_settings o;
  o.max_in_flight = s.max_in_flight;
  o.resubmit_in_doubt = s.resubmit_in_doubt;
  return o;
}

api::transport wrapped(const wrapper& wrap, api::transport inner) {
  return wrap ? wrap(std::move(inner)) : inner;
}

} // namespace

std::string output_url(std::uint64_t job) {
  return "https://out.example/" + std::to_string(job);
}

program::program(settings s, ledger::store store, surroundings around, simulation::account_memory& account,
                 random_source chance)
    : network_(io_.get_executor(), around, s.network, s.timeout, chance.fork()),
      client_(api::base_url::parse("https://service.example/api/v1").value(),
              wrapped(s.wrap,
                      [this](request r, net::before_send ready) {
                        return network_.exchange(std::move(r), std::move(ready));
                      })),
      account_(submit::account::join(std::make_unique<simulation::shared_memory_log>(account), s.process,
                                     governor_settings(s), chance.fork(), submit::read_clocks())
                   .value()),
      token_(the_token().value(), the_token), ledger_id_(store.ledger_id()),
      writer_(ledger::writer::start(std::move(store), ledger::writer::mode::manual,
                                    [this](std::function<void()> f) { asio::post(io_, std::move(f)); })),
      submitter_(io_.get_executor(),
                 {*writer_, ledger_id_, client_, [this] { network_.close_all(); }, account_, token_, observer_},
                 scheduler_settings(s), chance.fork(), s.timeout) {
  const auto begun = [this](const result<void>& done) {
    if (!done) submitter_.ledger_failed(done.error());
  };
  writer_->post([at = submit::read_clocks().wall](ledger::store& l) { l.begin_run(at); }, begun);
  read_manifest(s.jobs);
  asio::co_spawn(io_, submitter_.run(), [this](std::exception_ptr error) {
    error_ = error;
    ended_ = true;
  });
}

/// As the importer does it, but that all is read at once.
void program::read_manifest(std::uint64_t jobs) {
  const auto there = [this](const result<void>& done) {
    done ? submitter_.jobs_are_there() : submitter_.ledger_failed(done.error());
  };
  for (std::uint64_t from = 1; from <= jobs; from += read_at_once) {
    const auto last = std::min(from + read_at_once - 1, jobs);
    const auto import = [from, last](ledger::store& l) {
      for (auto n = from; n <= last; ++n)
        l.import({key_of(n), key_of(n), body_of(n), l.manifest("manifest"), n});
    };
    writer_->post_bounded(1000, import, there);
  }
  const auto all_there = [this](const result<void>& done) {
    has_read_all_ = done.has_value();
    if (done) submitter_.input_ended();
  };
  writer_->post_bounded(
      0, [](ledger::store& l) { l.finish_manifest(l.manifest("manifest")); }, all_there);
}

submit::stop_reason program::close() {
  if (error_) std::rethrow_exception(error_);
  const auto reason = submitter_.reason();
  const auto ignore = [](const result<void>&) {};
  writer_->post([&](ledger::store& l) { l.end_run(submit::read_clocks().wall, to_string(reason), "{}"); }, ignore);
  const auto closed = writer_->close();
  return closed ? reason : submit::stop_reason::ledger;
}

} // namespace mcbatch::whole_runs
