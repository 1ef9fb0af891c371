#ifndef MCBATCH_TESTS_WHOLE_RUNS_PROGRAM_HPP
#define MCBATCH_TESTS_WHOLE_RUNS_PROGRAM_HPP

#include "simulation/shared_memory_log.hpp"
#include "whole_runs/network.hpp"
#include "whole_runs/plan.hpp"

#include <mcbatch/ledger/writer.hpp>
#include <mcbatch/submit/submitter.hpp>

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace mcbatch::whole_runs {

/// Puts itself between the client and the network: how a test breaks a promise of the program from outside.
using wrapper = std::function<api::transport(api::transport)>;

std::string output_url(std::uint64_t job);

/// One life of mcbatch, from the opened ledger on: the real submitter, scheduler, account, governor, client, classifier
/// and ledger writer, on one thread. What it does is done step by step, by whoever plays it. Destroyed before its end,
/// it has been killed.
class program {
public:
  struct settings {
    std::uint64_t jobs; ///< in the manifest
    std::size_t max_in_flight;
    duration timeout;
    bool resubmit_in_doubt;
    std::vector<quota::limit> limits;
    weather network;
    std::uint64_t process; ///< as the account knows it
    wrapper wrap;          ///< may be empty
  };

  program(settings s, ledger::store store, surroundings around, simulation::account_memory& account,
          random_source chance);

  /// Does one thing that is due now: false if nothing is.
  bool step() { return io_.poll_one() > 0; }
  /// The ledger's thread comes to its work: false if there is none.
  bool commit() { return writer_->pump(); }

  void stop() { submitter_.stop(submit::stop_reason::signal); }
  void stop_now() { submitter_.stop_now(); }

  [[nodiscard]] bool has_ended() const { return ended_; }
  /// Ends it in good order. Throws what broke the run, if anything did.
  submit::stop_reason close();

  [[nodiscard]] bool ledger_has_failed() const { return submitter_.ledger_failure().has_value(); }
  [[nodiscard]] std::uint64_t left() const { return network_.left(); }
  [[nodiscard]] bool has_read_all() const { return has_read_all_; }
  /// The jobs of which it said that they are submitted.
  [[nodiscard]] const std::set<job_key>& told_submitted() const { return observer_.submitted; }

private:
  struct observer : submit::observer {
    void imported(const submit::import_counts&, const std::vector<submit::manifest_problem>&) override {}
    void import_ended(const std::optional<std::string>&) override {}
    void spent() override {}
    void refunded() override {}
    void sent() override {}
    void tried(const submit::try_report& t) override {
      if (t.state == job_state::submitted) submitted.insert(t.key);
    }
    void expired(const submit::try_report&) override {}
    void soonest_first(std::uint64_t) override {}
    void put_back(std::size_t) override {}
    void probed(const outcome&, bool) override {}
    void waits(const submit::wait_state&) override {}
    void problem(const std::string&) override {}
    std::set<job_key> submitted;
  };

  void read_manifest(std::uint64_t jobs);

  boost::asio::io_context io_{1};
  network network_;
  api::client client_;
  submit::account account_;
  submit::token_source token_;
  observer observer_;
  std::string ledger_id_;
  std::unique_ptr<ledger::writer> writer_;
  submit::submitter submitter_;
  bool ended_ = false, has_read_all_ = false;
  std::exception_ptr error_;
};

} // namespace mcbatch::whole_runs

#endif
