#ifndef MCBATCH_REPORT_WAIT_NOTES_HPP
#define MCBATCH_REPORT_WAIT_NOTES_HPP

#include <mcbatch/ledger/wait_note.hpp>
#include <mcbatch/quota/limit.hpp>
#include <mcbatch/submit/waiting.hpp>

#include <optional>
#include <vector>

namespace mcbatch::report {

/// Decides which waits of a run are left in its ledger, where others can see them: those for a window of the quota, a
/// pause or an outage, with a known end that is more than two seconds away. A write a second at most, and none while
/// what stands there holds; a wait whose end has passed needs none either. Pure; not thread-safe.
class wait_notes {
public:
  /// To be called a few times a second. Whether `note` is to be written now.
  bool update(const submit::wait_state& wait, const std::vector<quota::limit>& limits, now_pair now);

  /// What is, or is to be, in the ledger; nothing: that nothing is waited for.
  [[nodiscard]] const std::optional<ledger::wait_note>& note() const { return note_; }

private:
  std::optional<submit::wait_state> noted_;
  std::optional<ledger::wait_note> note_;
  instant next_write_ = instant::min();
};

} // namespace mcbatch::report

#endif
