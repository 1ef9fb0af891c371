// Whatever a service sends for rate headers: the run neither stalls, nor hurries, nor sends too much.
//
// The input is a series of answers in text. A line with a colon is a header field of the answer that is on. Any other
// line begins one: "STATUS MILLISECONDS TIMES", where 429 refuses, 0 is a request that got no answer, and TIMES is how
// many requests get it, which are sent together and answered last first.

#include "check.hpp"

#include <mcbatch/core/date.hpp>
#include <mcbatch/core/text.hpp>
#include <mcbatch/quota/governor.hpp>
#include <mcbatch/quota/rate_headers.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <string_view>
#include <vector>

using namespace mcbatch;
using namespace mcbatch::quota;
using namespace std::chrono_literals;

namespace {

constexpr instant start{1000h};
constexpr wall_time civil_start{std::chrono::seconds(1705314600)};
constexpr duration year = 24h * 366;
constexpr std::size_t most_answers = 16; // of so many requests each: an input takes milliseconds
constexpr std::uint32_t most_times = 64;

struct answer {
  std::uint32_t status = 200, millis = 100, times = 1;
  headers fields;
};

std::vector<answer> parse(std::string_view input) {
  std::vector<answer> answers;
  while (!input.empty() && answers.size() < most_answers) {
    const auto line = input.substr(0, input.find('\n'));
    input.remove_prefix(std::min(line.size() + 1, input.size()));
    if (const auto colon = line.find(':'); colon != std::string_view::npos) {
      if (answers.empty()) answers.emplace_back();
      answers.back().fields.add(trim(line.substr(0, colon)), line.substr(colon + 1));
      continue;
    }
    auto& a = answers.emplace_back();
    auto rest = line;
    for (auto* number : {&a.status, &a.millis, &a.times}) {
      const auto word = rest.substr(0, rest.find(' '));
      rest.remove_prefix(std::min(word.size() + 1, rest.size()));
      *number = parse_integer<std::uint32_t>(word).value_or(*number);
    }
    a.millis %= 100'000;
    a.times = std::clamp(a.times, 1U, most_times);
  }
  return answers;
}

void check_info(const rate_info& info) {
  const auto is_positive = [](std::optional<duration> d) { return !d || (*d > 0s && *d <= year); };
  check(is_positive(info.reset_in), "Reset is to come, within a year");
  check(is_positive(info.window), "a window has a length");
  check(is_positive(info.exhausted_for), "nothing remains for a positive time");
  check(!info.retry_after || (*info.retry_after >= 0s && *info.retry_after <= year), "Retry-After is not negative");
  check(info.limit != 0U, "a limit is positive");
  check(!(info.unlimited && info.limit), "no limit and a limit are not told at once");
  check(!info.reset_at || info.reset_in, "a point in time is some time away");
}

bool has_date(const headers& fields) {
  const auto date = fields.find("Date");
  return date && parse_http_date(trim(*date));
}

/// One run against those answers, in virtual time.
class run {
public:
  explicit run(governor_settings settings)
      : max_backoff_(settings.max_backoff), governor_(std::move(settings), 1, random_source(1)) {}

  void meet(const answer& a) {
    for (auto left = a.times; left > 0;) {
      const auto out = send(left);
      now_ += std::chrono::milliseconds(a.millis);
      end(out, a);
      left -= static_cast<std::uint32_t>(out.size());
    }
  }

private:
  /// As many as may leave, and one at least, however long it has to wait.
  std::vector<request_id> send(std::uint32_t most) {
    wait_until_one_may_leave();
    if (refused_at_) check(now_ - *refused_at_ >= std::min<duration>(1s, max_backoff_), "a 429 is not asked at once");
    std::vector<request_id> out;
    while (out.size() < most && governor_.admit(now_).go) {
      out.push_back(governor_.leave(now_).request);
      left_.push_back(now_);
      while (left_.front() <= now_ - 1min)
        left_.pop_front();
      check(left_.size() <= governor_.limits().front().requests, "no more than the burst leaves in a minute");
    }
    return out;
  }

  void wait_until_one_may_leave() {
    for (int steps = 0;; ++steps) {
      const auto a = governor_.admit(now_);
      if (a.go) return;
      check(a.until.has_value(), "with nothing in flight, the end of a wait is known");
      check(*a.until > now_, "a wait ends later than it begins");
      const auto longest = a.why == wait_for::pause ? max_backoff_ : std::max<duration>(stretched(1h), max_backoff_);
      check(*a.until - now_ <= longest + 1min, "a wait is bounded");
      if (a.why == wait_for::pause) check(*a.until - now_ <= max_backoff_, "no pause is beyond the user's bound");
      check(steps < 1000, "waits come to an end");
      now_ = *a.until;
    }
  }

  void end(const std::vector<request_id>& out, const answer& a) {
    const auto wall = civil_start + std::chrono::floor<wall_time::duration>(now_ - start);
    const auto info = parse_rate_headers(a.fields, wall);
    check_info(info);
    if (has_date(a.fields)) check(info == parse_rate_headers(a.fields, wall + 24h * 5000), "our clock does not matter");
    const auto kind = a.status == 429 ? event_kind::refusal : a.status == 0 ? event_kind::gave_up : event_kind::answer;
    for (auto id = out.rbegin(); id != out.rend(); ++id)
      governor_.apply({kind, *id, now_, kind == event_kind::gave_up ? rate_info{} : info});
    refused_at_ = kind == event_kind::refusal ? std::optional(now_) : std::nullopt;
  }

  duration max_backoff_;
  governor governor_;
  instant now_ = start;
  std::deque<instant> left_; // within the last minute
  std::optional<instant> refused_at_;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto answers = parse({reinterpret_cast<const char*>(data), size});
  const std::array<governor_settings, 4> settings{{
      {},
      {.ceiling = tier::pro},
      {.ceiling = tier::enterprise, .max_backoff = 10s},
      {.limits = {{20, 1min}}, .share_percent = 50, .max_backoff = 5min},
  }};
  for (const auto& s : settings) {
    run r(s);
    for (const auto& a : answers)
      r.meet(a);
  }
  return 0;
}
