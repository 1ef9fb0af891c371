#ifndef MCBATCH_CLI_SUBMISSION_HPP
#define MCBATCH_CLI_SUBMISSION_HPP

#include "cli/service_options.hpp"

#include <mcbatch/api/client.hpp>
#include <mcbatch/ledger/writer.hpp>
#include <mcbatch/net/pool.hpp>
#include <mcbatch/submit/account.hpp>
#include <mcbatch/submit/submitter.hpp>

#include <boost/asio/io_context.hpp>

#include <memory>
#include <optional>
#include <string>

namespace mcbatch::cli {

struct submission_settings {
  submit::scheduler_settings scheduling;
  random_source random;
  duration drain{}; ///< how long answers may take once the run stops
  std::optional<submit::pace> pace{};
  std::optional<std::string> webhook_url{};
};

/// What submits jobs, put together: the way to the service, the quota and the ledger, and the submitter between them.
/// It runs where `io` is run; the ledger's writer has its own thread.
struct submission {
  /// `observer` must outlive it.
  submission(service_setup with, submit::account quota, ledger::store&& store, submit::observer& observer,
             submission_settings settings);
  submission(const submission&) = delete;
  submission& operator=(const submission&) = delete;

  boost::asio::io_context io{1};
  service_setup setup;
  net::pool pool;
  api::client client;
  submit::account account;
  std::string ledger_id, address_secret;
  std::unique_ptr<ledger::writer> writer;
  submit::submitter submitter;
};

} // namespace mcbatch::cli

#endif
