#include <mcbatch/submit/token_source.hpp>

namespace mcbatch::submit {
namespace {

constexpr duration patience = std::chrono::seconds(5); // fetching a token and writing it takes no longer
constexpr duration look_again = std::chrono::milliseconds(500);

} // namespace

result<bool> token_source::reload(instant now) {
  auto fresh = read_again_();
  problem_ = fresh ? std::nullopt : std::optional(fresh.error());
  if (!fresh) return fresh.error();
  if (*fresh == token_) return false;
  token_ = std::move(*fresh);
  ++serial_;
  renewed_at_ = now;
  unreadable_since_ = look_again_at_ = std::nullopt;
  return true;
}

token_fate token_source::on_refused(std::uint64_t serial, instant now) {
  if (serial != serial_) return token_fate::replaced;
  const auto renewed = reload(now);
  if (renewed && *renewed) return token_fate::replaced;
  if (!renewed && !unreadable_since_) unreadable_since_ = now;
  const auto since = unreadable_since_ ? unreadable_since_ : renewed_at_;
  look_again_at_.reset();
  if (!since || now - *since >= patience) return token_fate::refused;
  look_again_at_ = now + look_again;
  return token_fate::awaited;
}

} // namespace mcbatch::submit
