#include "cli/console.hpp"

#include <cerrno>

#include <sys/ioctl.h>
#include <unistd.h>

namespace mcbatch::cli {
namespace {

constexpr std::string_view clear_line = "\r\x1b[K";

} // namespace

bool console::is_terminal() {
  return ::isatty(STDERR_FILENO) == 1;
}

std::size_t console::width() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

void console::write(std::string_view bytes) {
  // Where standard error is gone there is nobody left to tell.
  while (!bytes.empty()) {
    const auto written = ::write(STDERR_FILENO, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void console::line(std::string_view text) {
  std::string out;
  if (!bar_.empty()) out += clear_line;
  out.append(text).append("\n").append(bar_);
  write(out);
}

void console::bar(std::string_view text) {
  bar_ = text;
  write(std::string(clear_line) + bar_);
}

void console::end_bar() {
  if (!bar_.empty()) write("\n");
  bar_.clear();
}

} // namespace mcbatch::cli
