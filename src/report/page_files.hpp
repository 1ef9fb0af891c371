#ifndef MCBATCH_REPORT_PAGE_FILES_HPP
#define MCBATCH_REPORT_PAGE_FILES_HPP

#include <string_view>

/// The files of src/report/page and Chart.js, as they were when the program was built: see page/embed.cmake.
namespace mcbatch::report::page_files {

extern const std::string_view page_html, page_css, page_js, chart_js;

} // namespace mcbatch::report::page_files

#endif
