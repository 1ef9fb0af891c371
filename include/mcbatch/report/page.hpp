#ifndef MCBATCH_REPORT_PAGE_HPP
#define MCBATCH_REPORT_PAGE_HPP

#include <string>
#include <string_view>

namespace mcbatch::report {

enum class page_kind {
  report, ///< to keep: it loads nothing
  live,   ///< goes on by the server-sent events at `events`, beside its own URL: each is one picture
};

/// One HTML document (UTF-8) that shows `picture_json`, as `to_json(picture)` writes it, with all its style and script.
/// Its content security policy lets no other script or style in, and no request out but for those events.
std::string page_html(page_kind kind, std::string_view picture_json);

} // namespace mcbatch::report

#endif
