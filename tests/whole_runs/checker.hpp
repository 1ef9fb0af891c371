#ifndef MCBATCH_TESTS_WHOLE_RUNS_CHECKER_HPP
#define MCBATCH_TESTS_WHOLE_RUNS_CHECKER_HPP

#include "whole_runs/service_side.hpp"

#include <mcbatch/ledger/reading.hpp>

#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace mcbatch::whole_runs {

/// Holds what the ledger says against what the service did. Knows nothing of how the program works.
class checker {
public:
  checker(std::uint64_t jobs, const service_side& service) : jobs_(jobs), service_(service) {}

  /// The user wants the jobs that are in doubt to be sent again: each may be accepted once more.
  void user_retries_in_doubt(const std::filesystem::path& ledger);
  /// The user wants that for every job, whenever one comes to be in doubt.
  void user_resubmits_in_doubt() { may_double_ = true; }

  /// The program said that these jobs are submitted.
  void was_told(const std::set<job_key>& jobs) { told_submitted_.insert(jobs.begin(), jobs.end()); }
  /// The program said that all jobs are in the ledger.
  void all_are_known() { all_known_ = true; }

  /// After each life of the program, however it ended.
  void look(const std::filesystem::path& ledger);
  /// After the last one, which ended by itself.
  void look_at_the_end(const std::filesystem::path& ledger);

  /// How many were in doubt at the last look.
  [[nodiscard]] std::uint64_t in_doubt() const { return in_doubt_; }

  void fail(std::string sentence) { violations_.push_back(std::move(sentence)); }
  [[nodiscard]] const std::vector<std::string>& violations() const { return violations_; }

private:
  using records = std::map<std::string, ledger::record>; // by output URL

  records read(const std::filesystem::path& ledger);
  void check_job(const std::string& url, const ledger::record* known);
  void check_keys();

  std::uint64_t jobs_;
  const service_side& service_;
  std::uint64_t in_doubt_ = 0;
  bool all_known_ = false, may_double_ = false;
  std::map<std::string, std::uint64_t> retried_; // how often the user wanted it
  std::map<std::string, std::string> submitted_; // ids, as the ledger had them
  std::set<job_key> told_submitted_;
  std::vector<std::string> violations_;
};

} // namespace mcbatch::whole_runs

#endif
