#include <mcbatch/submit/token_source.hpp>

namespace mcbatch::submit {

result<bool> token_source::reload() {
  auto fresh = read_again_();
  if (!fresh) return fresh.error();
  if (*fresh == token_) return false;
  token_ = std::move(*fresh);
  ++serial_;
  return true;
}

} // namespace mcbatch::submit
