#ifndef MCBATCH_CLI_STOP_SENTENCE_HPP
#define MCBATCH_CLI_STOP_SENTENCE_HPP

#include "cli/exit_code.hpp"

#include <mcbatch/core/outcome.hpp>
#include <mcbatch/core/time.hpp>
#include <mcbatch/submit/stop_reason.hpp>

#include <optional>
#include <string>

namespace mcbatch::cli {

/// What the service or the network said, to stand behind a sentence: " (401 unauthorized: Invalid or expired API
/// token)"; empty where nothing was said.
std::string words_of(const outcome& o);

/// The exit code of a run that ended for `reason`; `done` is for the caller to judge.
exit_code exit_code_of(submit::stop_reason reason) noexcept;

/// What happened and what to do; empty for `done`. `by`: the last words of the service or the network, if it ended for
/// them.
std::string stop_sentence(submit::stop_reason reason, const std::optional<outcome>& by, duration max_outage);

/// The same where conversions were followed.
std::string sentence_of_following(submit::stop_reason reason, const std::optional<outcome>& by, duration max_outage);

} // namespace mcbatch::cli

#endif
