#ifndef MCBATCH_CLI_RUN_REPORTER_HPP
#define MCBATCH_CLI_RUN_REPORTER_HPP

#include "cli/console.hpp"
#include "cli/credit_asker.hpp"
#include "cli/live_page.hpp"
#include "cli/progress_option.hpp"

#include <mcbatch/quota/governor.hpp>
#include <mcbatch/report/run_stats.hpp>
#include <mcbatch/submit/observer.hpp>

#include <spdlog/logger.h>

#include <functional>
#include <memory>
#include <vector>

namespace mcbatch::cli {

/// Tells a person how a run goes: counts, logs, draws the progress, writes the metrics file. Network thread only.
class run_reporter : public submit::observer {
public:
  using limits_source = std::function<std::vector<quota::limit>()>;

  run_reporter(console& out, std::shared_ptr<spdlog::logger> log, progress_kind progress, limits_source limits);

  // From now on tells these as well, which must outlive it.
  void tell(live_page& page) { page_ = &page; }
  void tell(credit_asker& credit) { credit_ = &credit; }

  void imported(const submit::import_counts& batch, const std::vector<submit::manifest_problem>& problems) override;
  void import_ended(const std::optional<std::string>& failure) override;
  void spent() override { stats_.spent(); }
  void refunded() override { stats_.refunded(); }
  void sent() override;
  void tried(const submit::try_report& t) override;
  void expired(const submit::try_report& t) override;
  void soonest_first(std::uint64_t late) override;
  void put_back(std::size_t jobs) override;
  void probed(const outcome& what, bool answers) override;
  void waits(const submit::wait_state& w) override;
  void problem(const std::string& sentence) override { log_->warn(sentence); }

  /// To be called several times a second: redraws what is due at `now`.
  void tick(now_pair now);
  /// After the run: the bar ends.
  void finish(now_pair now);

  [[nodiscard]] const report::run_stats& stats() const { return stats_; }

private:
  /// Counts lines of one kind, and says once that the rest is left out.
  struct quiet_after {
    std::uint64_t lines = 0;
    bool operator()(spdlog::logger& log, std::string_view rest);
  };

  console& out_;
  std::shared_ptr<spdlog::logger> log_;
  progress_kind progress_;
  limits_source limits_;
  live_page* page_ = nullptr;
  credit_asker* credit_ = nullptr;
  report::run_stats stats_;
  quiet_after invalid_lines_, job_lines_;
  std::string trouble_; // the last outcome that told of an outage
  instant next_line_{};
};

} // namespace mcbatch::cli

#endif
