#ifndef MCBATCH_CLI_CONSOLE_HPP
#define MCBATCH_CLI_CONSOLE_HPP

#include <string>
#include <string_view>

namespace mcbatch::cli {

/// Standard error: lines, and on a terminal one bar that stays below them. One thread at a time.
class console {
public:
  /// Whether standard error is a terminal.
  [[nodiscard]] static bool is_terminal();
  /// Its width in columns; 80 where it is not known.
  [[nodiscard]] static std::size_t width();

  void line(std::string_view text);
  void bar(std::string_view text);
  void end_bar();

private:
  void write(std::string_view bytes);
  std::string bar_;
};

} // namespace mcbatch::cli

#endif
