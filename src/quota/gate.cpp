#include <mcbatch/quota/gate.hpp>

#include <algorithm>

namespace mcbatch::quota {
namespace {

using namespace std::chrono_literals;

constexpr duration grace = 1s;
constexpr duration most_jitter = 5s;

} // namespace

void gate::on_refusal(instant now, const rate_info& rate, duration window, random_source& random) {
  const bool is_news = now >= shut_until_; // those that were in flight when it shut say nothing new
  if (is_news) ++in_a_row_;
  auto asked = rate.asked_wait();
  if (!asked && is_news && doubted_) asked = rate.reset_in; // another window was not what refused it
  if (!asked && rate.reset_in) doubted_ = true;
  // However short a wait the server asks for, refusals in a row are asked about ever less often, up to once a window.
  const auto doublings = std::min(in_a_row_ - 1, 16);
  const auto least = doublings > 0 ? std::min(window, grace * (1 << doublings)) : duration::zero();
  auto wait = std::min(std::max(asked.value_or(window), least), max_backoff_) + grace;
  wait += random.up_to(std::min(wait / 20, most_jitter));
  shut_until_ = std::max(shut_until_, now + std::min(wait, max_backoff_));
}

} // namespace mcbatch::quota
