#ifndef MCBATCH_TESTS_TRACK_PLAYED_WORLD_HPP
#define MCBATCH_TESTS_TRACK_PLAYED_WORLD_HPP

#include "simulation/shared_memory_log.hpp"
#include "whole_runs/virtual_time.hpp"

#include <mcbatch/ledger/writer.hpp>
#include <mcbatch/loop/event_loop.hpp>
#include <mcbatch/submit/submitter.hpp>
#include <mcbatch/track/event_receiver.hpp>
#include <mcbatch/track/tracker.hpp>

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mcbatch::track::test {

constexpr auto secret = "whsec_of_the_test";

/// A folder that goes when the test does.
class temporary_folder {
public:
  temporary_folder();
  ~temporary_folder();
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
  std::filesystem::path path_;
};

/// Remembers what a tracker tells.
struct told : observer {
  void asked(const outcome& what, duration) override { answers.push_back(what); }
  void stands(const ledger::conversion_counts& counts) override {
    conversions = counts;
    ++looks;
  }
  void ended(const std::string& job_id, const conversion& how) override { ends.emplace_back(job_id, how); }
  void missing(const std::string& job_id, const outcome&) override { not_there.push_back(job_id); }
  void waits(const submit::wait_state&) override {}
  void problem(const std::string& sentence) override { problems.push_back(sentence); }

  std::vector<outcome> answers;
  ledger::conversion_counts conversions;
  std::size_t looks = 0; ///< at the ledger, for whatever reason
  std::vector<std::pair<std::string, conversion>> ends;
  std::vector<std::string> not_there, problems;
};

/// A tracker and an event receiver with a real ledger, an account's quota and a service that the test writes. Time
/// stands still but when everything waits for it.
class played_world {
public:
  /// What the service makes of a request that arrives now.
  using service = std::function<net::exchange_result(const request&)>;

  explicit played_world(service answers);
  ~played_world();

  // Before it is played. A job's id is "job_N"; it was sent so long before the beginning.
  void add_submitted(std::uint64_t n, std::chrono::seconds age = std::chrono::hours(1));
  void add_in_doubt(std::uint64_t n);
  void add_pending(std::uint64_t n);
  tracker_settings settings{{}, 16, std::chrono::hours(1), random_source(1)};
  std::vector<quota::limit> limits{{1000, std::chrono::seconds(1)}};
  duration round_trip = std::chrono::milliseconds(20);
  duration input_ends_after{};             // of submission beside
  submit::token_source::reader read_token; // again, after it was refused

  /// Something that happens so long after the beginning.
  void at(duration since_beginning, std::function<void()> what);

  /// Plays until the tracker has ended, and submission where there is one; for so many days at most.
  void play();
  /// Submission goes on beside; which of the two begins is the test's.
  void play_with_submission(bool tracker_first);

  /// The service sends an event: `body` as it is, signed with the secret, to the address of job `n`.
  void hear(const std::string& body, std::uint64_t n);
  void hear(request r);
  /// Those that were answered.
  std::vector<reply> answered;

  struct sent_request {
    duration at; ///< since the beginning
    verb method;
    std::string target;
  };
  std::vector<sent_request> sent;
  told observer;

  [[nodiscard]] duration now() const { return time_.now() - beginning_; }
  [[nodiscard]] track::tracker& tracker() { return *tracker_; }
  [[nodiscard]] const event_receiver& receiver() const { return *receiver_; }
  /// The ledger's thread comes to its work: false if there is none.
  bool commit() { return writer_->pump(); }
  /// Does what can be done without time and without the ledger.
  void run();
  /// From now on the ledger takes nothing.
  void close_ledger() {
    open();
    static_cast<void>(writer_->close());
  }
  /// To which the events of job `n` are sent.
  [[nodiscard]] std::string address_of(std::uint64_t n);
  [[nodiscard]] ledger::record record_of(std::uint64_t n);
  /// How many jobs the service does not know, by the ledger.
  [[nodiscard]] std::uint64_t missing_on_record();

private:
  void fill(const std::function<void(ledger::store&)>& work);
  void open();
  void make();
  void start_tracker();
  void start_submission();
  void go_on();
  std::int64_t import(ledger::store& s, std::uint64_t n);
  awaitable<net::exchange_result> exchange(request r, net::before_send ready);

  static const instant beginning_;

  temporary_folder folder_;
  whole_runs::virtual_time time_;
  boost::asio::io_context io_{1};
  service service_;
  simulation::account_memory memory_{std::chrono::hours(2)};
  std::size_t spent_ = 0; // tokens, as the other processes know
  std::unique_ptr<ledger::writer> writer_;
  std::string ledger_id_, address_secret_;
  api::client client_;
  std::optional<submit::account> account_;
  submit::token_source token_;
  std::unique_ptr<track::tracker> tracker_;
  std::unique_ptr<event_receiver> receiver_;
  std::unique_ptr<submit::observer> submission_told_;
  std::unique_ptr<submit::submitter> submitter_;
  bool tracker_ended_ = false, submission_ended_ = true, has_jobs_ = false;
  std::exception_ptr error_;
};

job_key key_of(std::uint64_t n);
std::string id_of(std::uint64_t n);
/// The number of the job that a request asks about; 0 for another request.
std::uint64_t job_asked_about(const request& r);

/// An answer to GET conversion_jobs/ID.
reply answer_of(std::uint64_t n, std::string_view status, const std::string& more = "");
/// The body of an event.
std::string event_of(std::uint64_t n, std::string_view status, const std::string& more = "");

} // namespace mcbatch::track::test

#endif
