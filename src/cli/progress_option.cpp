#include "cli/progress_option.hpp"

#include "cli/add_option.hpp"
#include "cli/console.hpp"

namespace mcbatch::cli {

progress_kind resolved(progress_kind kind) {
  if (kind != progress_kind::automatic) return kind;
  return console::is_terminal() ? progress_kind::bar : progress_kind::plain;
}

void add_progress(CLI::App& command, progress_kind& target) {
  add_choice<progress_kind>(command, "--progress", target,
                            {{"auto", progress_kind::automatic},
                             {"bar", progress_kind::bar},
                             {"plain", progress_kind::plain},
                             {"none", progress_kind::none}},
                            "How progress is shown; auto: a bar on a terminal, a line a minute elsewhere")
      ->default_str("auto");
}

} // namespace mcbatch::cli
