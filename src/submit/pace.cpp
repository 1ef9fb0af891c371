#include <mcbatch/submit/pace.hpp>

#include <limits>

namespace mcbatch::submit {
namespace {

// A count times a length of time does not fit into 64 bits: a thousand million requests in ten years' nanoseconds.
__extension__ using wide = unsigned __int128;

wide nanoseconds(duration d) {
  return static_cast<wide>(d.count());
}

} // namespace

instant pace::due(instant first, std::uint64_t n) const {
  const auto after = static_cast<wide>(n) * nanoseconds(rate_.window) / rate_.requests;
  if (after >= nanoseconds(duration::max())) return instant::max();
  const duration later(static_cast<duration::rep>(after));
  if (first > instant() && later > instant::max() - first) return instant::max();
  return first + later;
}

std::uint64_t pace::due_within(duration elapsed) const {
  if (elapsed < duration::zero()) return 0;
  // Those n whose n * window / requests, rounded down, is not above `elapsed`.
  const auto window = nanoseconds(rate_.window);
  const auto count = ((nanoseconds(elapsed) + 1) * rate_.requests + window - 1) / window;
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  return count > most ? most : static_cast<std::uint64_t>(count);
}

} // namespace mcbatch::submit
