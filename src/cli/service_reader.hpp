#ifndef MCBATCH_CLI_SERVICE_READER_HPP
#define MCBATCH_CLI_SERVICE_READER_HPP

#include "cli/exit_code.hpp"
#include "cli/options.hpp"
#include "cli/service_options.hpp"

#include <mcbatch/api/client.hpp>
#include <mcbatch/loop/event_loop.hpp>
#include <mcbatch/submit/account.hpp>

#include <boost/asio/io_context.hpp>
#include <spdlog/logger.h>

#include <functional>
#include <string>

namespace mcbatch::cli {

/// Asks the service one thing after the other, each request under the same quota as submission.
class service_reader {
public:
  /// What to do while the quota lets nothing go.
  enum class patience {
    none,  ///< end the program: who asks wants to know now
    waits, ///< wait, and ask again after a 429
  };
  using call = std::function<awaitable<api::attempt>(api::client&, api::token)>;

  /// Ends the program (exit_with) where the account's state file cannot be used.
  service_reader(service_setup setup, const quota_options& quota, patience p, spdlog::logger& log);

  /// One request and what it came to. Blocks until the quota lets it go, and then until it has ended.
  struct exchange {
    api::attempt attempt;
    wall_time left, ended; ///< by our clock
  };
  exchange try_to_ask(const call& how);

  /// The call's answer, if it is a good one; else the program ends with what it means: `refusal`.
  reply ask(const call& how, const std::string& what);

  /// What it means that `what` ("the account") was asked for and not had.
  static exit_with refusal(const outcome& o, const std::string& what);

  /// As it was last sent.
  [[nodiscard]] const api::token& token() const { return setup_.token.current(); }

private:
  quota::request_id leave();
  void settle(quota::request_id id, const api::attempt& attempt);
  void report_account_problem();

  spdlog::logger& log_;
  patience patience_;
  boost::asio::io_context io_{1};
  service_setup setup_;
  net::pool pool_;
  api::client client_;
  submit::account account_;
};

} // namespace mcbatch::cli

#endif
