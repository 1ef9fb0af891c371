#ifndef MCBATCH_CLI_CREDIT_ASKER_HPP
#define MCBATCH_CLI_CREDIT_ASKER_HPP

#include <mcbatch/api/client.hpp>
#include <mcbatch/loop/event_loop.hpp>
#include <mcbatch/submit/account.hpp>
#include <mcbatch/submit/credit_watch.hpp>
#include <mcbatch/submit/neighbour.hpp>
#include <mcbatch/submit/token_source.hpp>

#include <spdlog/logger.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace mcbatch::cli {

/// Compares the account's credit with what is left to be submitted, and tells the user where it will not do. It asks
/// under the same quota as submission, which is not held up by it. Everything runs on the executor's one thread.
class credit_asker : public submit::neighbour {
public:
  struct parts {
    api::client& client;
    submit::account& account;
    submit::token_source& token;
    std::function<std::uint64_t()> jobs_left;
    std::function<void()> spent; ///< a token of the quota
  };

  credit_asker(io_executor executor, parts p, std::int64_t usual_micros, std::shared_ptr<spdlog::logger> log);

  void accepted(std::int64_t estimated_micros) { watch_.accepted(estimated_micros); }

  void before_spending() override;
  void on_spent() override {}

  /// What is left of the account's credit, in millionths of a euro, where the service told.
  [[nodiscard]] std::optional<std::int64_t> credit() const;

private:
  awaitable<void> ask(quota::request_id id);
  void take_in(quota::request_id id, const api::attempt& attempt);
  void compare();

  io_executor executor_;
  parts parts_;
  std::shared_ptr<spdlog::logger> log_;
  submit::credit_watch watch_;
  std::optional<bool> was_enough_; // as the user was told
};

} // namespace mcbatch::cli

#endif
