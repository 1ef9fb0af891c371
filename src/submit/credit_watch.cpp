#include <mcbatch/submit/credit_watch.hpp>

#include <algorithm>
#include <limits>

namespace mcbatch::submit {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t jobs_a_question = 100;
constexpr duration while_enough = 1h, while_short = 10min; // from one question to the next

std::int64_t cost_of(std::uint64_t jobs, std::int64_t price) {
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  if (price > 0 && jobs > static_cast<std::uint64_t>(most / price)) return most;
  return static_cast<std::int64_t>(jobs) * price;
}

} // namespace

void credit_watch::accepted(std::int64_t estimated_micros) {
  ++accepted_;
  spent_ += std::max<std::int64_t>(estimated_micros, 0);
  price_ = spent_ / static_cast<std::int64_t>(accepted_);
}

bool credit_watch::is_due(instant now, std::uint64_t jobs_left) const {
  if (never_ || asking_ || price_ <= 0 || jobs_left < jobs_a_question) return false;
  if (!told_at_) return true;
  const auto seen = outlook(jobs_left);
  const auto gap = seen && !seen->is_enough() ? while_short : while_enough;
  return now - *told_at_ >= gap && accepted_ - accepted_then_ >= jobs_a_question;
}

void credit_watch::asked() {
  asking_ = true;
}

void credit_watch::told(std::optional<std::int64_t> credit_micros, instant now) {
  not_answered(now);
  never_ = !credit_micros;
  credit_ = credit_micros;
  spent_then_ = spent_;
}

void credit_watch::not_answered(instant now) {
  asking_ = false;
  told_at_ = now;
  accepted_then_ = accepted_;
}

std::optional<credit_outlook> credit_watch::outlook(std::uint64_t jobs_left) const {
  if (!credit_) return std::nullopt;
  return credit_outlook{*credit_ - (spent_ - spent_then_), price_, cost_of(jobs_left, price_), jobs_left};
}

} // namespace mcbatch::submit
