#include <mcbatch/submit/credit_watch.hpp>

#include <algorithm>
#include <limits>

namespace mcbatch::submit {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t jobs_a_question = 100;
constexpr std::int64_t worth_a_question = 10'000'000;      // ten euros
constexpr duration while_enough = 1h, while_short = 10min; // from one question to the next
constexpr duration after_a_failure = 1min;

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
  if (never_ || asking_ || price_ <= 0 || (failed_at_ && now - *failed_at_ < pause_)) return false;
  if (jobs_left < jobs_a_question && cost_of(jobs_left, price_) < worth_a_question) return false;
  if (failed_at_ || !told_at_) return true;
  const auto seen = outlook(jobs_left);
  const auto gap = seen && !seen->is_enough() ? while_short : while_enough;
  return now - *told_at_ >= gap && accepted_ - accepted_then_ >= jobs_a_question;
}

void credit_watch::asked() {
  asking_ = true;
}

void credit_watch::told(std::optional<std::int64_t> credit_micros, instant now) {
  asking_ = false;
  failed_at_.reset();
  pause_ = {};
  told_at_ = now;
  accepted_then_ = accepted_;
  never_ = !credit_micros;
  credit_ = credit_micros;
  spent_then_ = spent_;
}

void credit_watch::not_answered(instant now) {
  asking_ = false;
  failed_at_ = now;
  pause_ = std::clamp<duration>(2 * pause_, after_a_failure, while_enough);
}

std::optional<credit_outlook> credit_watch::outlook(std::uint64_t jobs_left) const {
  if (!credit_) return std::nullopt;
  return credit_outlook{*credit_ - (spent_ - spent_then_), price_, cost_of(jobs_left, price_), jobs_left};
}

} // namespace mcbatch::submit
