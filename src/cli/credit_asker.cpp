#include "cli/credit_asker.hpp"

#include <mcbatch/api/account_info.hpp>
#include <mcbatch/report/text.hpp>
#include <mcbatch/submit/clocks.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <utility>

namespace mcbatch::cli {

namespace asio = boost::asio;

credit_asker::credit_asker(io_executor executor, parts p, std::int64_t usual_micros,
                           std::shared_ptr<spdlog::logger> log)
    : executor_(std::move(executor)), parts_(std::move(p)), log_(std::move(log)), watch_(usual_micros) {}

void credit_asker::before_spending() {
  const auto now = submit::read_clocks();
  if (!watch_.is_due(now.mono, parts_.jobs_left())) return;
  quota::request_id id;
  if (!parts_.account.try_leave(now, id).go) return;
  watch_.asked();
  parts_.spent();
  asio::co_spawn(executor_, ask(id), [this](std::exception_ptr failed) {
    if (!failed) return;
    watch_.not_answered(submit::read_clocks().mono);
    log_->error("The account's credit could not be asked for, because of a bug.");
  });
}

awaitable<void> credit_asker::ask(quota::request_id id) {
  // Whoever holds the account's lock now must have let it go before the request leaves.
  co_await asio::post(executor_, use_awaitable);
  const auto attempt = co_await parts_.client.account(parts_.token.current());
  take_in(id, attempt);
}

void credit_asker::take_in(quota::request_id id, const api::attempt& attempt) {
  const auto now = submit::read_clocks();
  parts_.account.settle(id, attempt.answer, byte_left(attempt.result.what), now);
  const bool says_nothing = attempt.result.what == meaning::refused || attempt.result.what == meaning::forbidden;
  if (attempt.result.what != meaning::accepted && !says_nothing) return watch_.not_answered(now.mono);
  const auto told =
      says_nothing ? api::account_info{} : api::parse_account(attempt.answer->body, parts_.token.current());
  watch_.told(told.credit_micros, now.mono);
  compare();
}

void credit_asker::compare() {
  const auto seen = watch_.outlook(parts_.jobs_left());
  if (!seen || was_enough_ == seen->is_enough()) return;
  const auto before = std::exchange(was_enough_, seen->is_enough());
  if (seen->is_enough()) {
    log_->log(before ? spdlog::level::warn : spdlog::level::debug,
              "The account's credit of {} will do for the {} that are left, at some {} each.",
              report::euros(seen->credit), report::count_of(seen->jobs, "job", "jobs"), report::euros(seen->price));
    return;
  }
  log_->warn("The account's credit of {} will do for some {} of the {} that are left, which would take {} by the "
             "service's estimates. Add credit in time, else the run stops when it is used up, and can be resumed.",
             report::euros(seen->credit), report::with_commas(seen->affordable()),
             report::count_of(seen->jobs, "job", "jobs"), report::euros(seen->needed));
}

std::optional<std::int64_t> credit_asker::credit() const {
  const auto seen = watch_.outlook(0);
  return seen ? std::optional(seen->credit) : std::nullopt;
}

} // namespace mcbatch::cli
