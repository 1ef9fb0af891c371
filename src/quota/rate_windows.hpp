#ifndef MCBATCH_SRC_QUOTA_RATE_WINDOWS_HPP
#define MCBATCH_SRC_QUOTA_RATE_WINDOWS_HPP

#include <mcbatch/core/http.hpp>
#include <mcbatch/core/time.hpp>
#include <mcbatch/quota/rate_headers.hpp>

#include <vector>

namespace mcbatch::quota {

/// The windows that an answer's headers describe, as one family of headers does.
using rate_windows = std::vector<rate_info>;

/// The families, the one to be believed first: `X-RateLimit-*`, which is documented; `X-Rate-Limit-*`; `RateLimit` of
/// draft-ietf-httpapi-ratelimit-headers, as a list (from draft 8 on) or a dictionary (draft 7); `RateLimit-*` (up to
/// draft 6). How long a window is, `RateLimit-Policy` and the `w` of a Limit's list tell, whichever family they are of.
///
/// A field that stands several times is one list. Where Limit, Remaining and Reset have as many members, the first ones
/// describe a window, the second ones another. Otherwise a list whose members differ is left out: which of them is
/// meant, nothing tells.
std::vector<rate_windows> described_windows(const headers& fields, wall_time date);

} // namespace mcbatch::quota

#endif
