#ifndef MCBATCH_SUBMIT_NEIGHBOUR_HPP
#define MCBATCH_SUBMIT_NEIGHBOUR_HPP

namespace mcbatch::submit {

/// Who works in the same run under the same quota, beside the submitter, and takes no more than its share. Both are
/// called on the network thread, while the account is locked.
class neighbour {
public:
  virtual ~neighbour() = default;

  /// A token is about to be taken for a job: the neighbour may take one first. If each waited for the same window on
  /// its own, it would be chance who gets one.
  virtual void before_spending() = 0;
  /// A token was taken for a job.
  virtual void on_spent() = 0;
};

} // namespace mcbatch::submit

#endif
