#include <mcbatch/sandbox/window.hpp>

#include <algorithm>
#include <array>
#include <deque>
#include <limits>
#include <utility>

namespace mcbatch::sandbox {

namespace {

class fixed_window : public window {
public:
  explicit fixed_window(limit l) : limit_(l) {}

  void advance(now_pair now) override {
    now_ = now.wall.time_since_epoch();
    // A wall clock that is set back must not hand out a window twice.
    const auto index = now_ / limit_.window;
    if (index <= index_) return;
    index_ = index;
    used_ = 0;
  }

  [[nodiscard]] std::uint64_t remaining() const override { return limit_.requests - used_; }
  // One that another window refused counts here as well; once full, more changes nothing.
  void count(bool) override { used_ = std::min(used_ + 1, limit_.requests); }
  [[nodiscard]] duration until_more() const override { return (index_ + 1) * limit_.window - now_; }

private:
  limit limit_;
  duration now_{};
  std::int64_t index_ = std::numeric_limits<std::int64_t>::min();
  std::uint64_t used_ = 0;
};

class sliding_window : public window {
public:
  explicit sliding_window(limit l) : limit_(l) {}

  void advance(now_pair now) override {
    now_ = now.mono;
    while (!arrivals_.empty() && now_ - arrivals_.front() >= limit_.window)
      arrivals_.pop_front();
  }

  [[nodiscard]] std::uint64_t remaining() const override {
    return limit_.requests - std::min<std::uint64_t>(limit_.requests, arrivals_.size());
  }

  void count(bool) override { arrivals_.push_back(now_); }

  [[nodiscard]] duration until_more() const override {
    if (arrivals_.empty()) return duration::zero();
    // Refused requests may have filled it over the limit; then more than one has to leave it.
    const auto leaving = arrivals_.size() - std::min<std::uint64_t>(limit_.requests, arrivals_.size());
    return arrivals_[leaving] + limit_.window - now_;
  }

private:
  limit limit_;
  instant now_{};
  std::deque<instant> arrivals_;
};

class bucket_window : public window {
public:
  explicit bucket_window(limit l)
      : refill_(l.requests), token_(static_cast<std::uint64_t>(l.window.count())), level_(capacity()) {}

  void advance(now_pair now) override {
    if (now_) level_ = std::min(capacity(), level_ + static_cast<amount>((now.mono - *now_).count()) * refill_);
    now_ = now.mono;
  }

  [[nodiscard]] std::uint64_t remaining() const override { return static_cast<std::uint64_t>(level_ / token_); }

  void count(bool admitted) override {
    if (admitted) level_ -= token_;
  }

  [[nodiscard]] duration until_more() const override {
    if (level_ == capacity()) return duration::zero();
    const amount missing = token_ - level_ % token_;
    return duration(static_cast<duration::rep>((missing + refill_ - 1) / refill_));
  }

private:
  // The level is exact: it counts token * nanosecond / window, so that a token is as many units as the window has
  // nanoseconds, and each nanosecond brings as many units as the limit has requests.
  __extension__ using amount = unsigned __int128;

  [[nodiscard]] amount capacity() const { return refill_ * token_; }

  amount refill_;
  amount token_;
  amount level_;
  std::optional<instant> now_;
};

} // namespace

std::optional<window_kind> window_kind_from_string(std::string_view text) noexcept {
  static constexpr std::array<std::pair<std::string_view, window_kind>, 3> names{
      {{"fixed", window_kind::fixed}, {"sliding", window_kind::sliding}, {"bucket", window_kind::bucket}}};
  for (const auto& [name, kind] : names)
    if (name == text) return kind;
  return std::nullopt;
}

std::unique_ptr<window> make_window(window_kind kind, limit l) {
  switch (kind) {
  case window_kind::fixed:
    return std::make_unique<fixed_window>(l);
  case window_kind::sliding:
    return std::make_unique<sliding_window>(l);
  case window_kind::bucket:
    break;
  }
  return std::make_unique<bucket_window>(l);
}

} // namespace mcbatch::sandbox
