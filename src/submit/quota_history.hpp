#ifndef MCBATCH_SRC_SUBMIT_QUOTA_HISTORY_HPP
#define MCBATCH_SRC_SUBMIT_QUOTA_HISTORY_HPP

#include <mcbatch/quota/event.hpp>

#include <vector>

namespace mcbatch::submit {

/// What still matters of the quota's events, in an order in which they can be told anew: of requests, what was in
/// flight since `oldest` or is; of processes that wait, the want that stands.
///
/// Of more than some ten thousand requests (no tier but Enterprise allows as many within an hour) the oldest are
/// counted together, at the time of the last of them, and what their answers said is left out: so what is kept is
/// bounded at whatever rate it grows. A refusal is never counted so.
std::vector<quota::event> what_matters(const std::vector<quota::event>& events, instant oldest);

} // namespace mcbatch::submit

#endif
