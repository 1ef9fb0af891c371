#ifndef MCBATCH_REPORT_BENCH_SUMMARY_HPP
#define MCBATCH_REPORT_BENCH_SUMMARY_HPP

#include <mcbatch/quota/limit.hpp>
#include <mcbatch/report/bench_record.hpp>
#include <mcbatch/submit/observer.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace mcbatch::report {

/// A benchmark at its end.
struct bench_summary {
  std::string stop_reason{}; ///< "done", "max_duration", "signal", ...
  int exit_code = 0;
  std::string problem{}; ///< a sentence on why it stopped early; empty where the reason says it all

  std::string base_url{};
  bool own_sandbox = true;
  bool ledger = true;
  std::size_t connections = 0;
  std::optional<quota::limit> rate{}; ///< nothing: a closed loop

  const bench_record& record;
  submit::import_counts read{};     ///< what was read of manifests, or generated
  std::uint64_t expired = 0;        ///< jobs that were not sent, since their URLs have expired
  std::optional<duration> import{}; ///< from the start until all was read and in the ledger; nothing: not all was
  std::uint64_t overdue = 0;        ///< how many were due, and had not left, when it was stopped

  // Of this process, while it was measured: without the sandbox.
  duration user_time{}, system_time{};
  std::uint64_t max_rss_bytes = 0; ///< since its start

  std::uint64_t bytes_sent = 0, bytes_received = 0; ///< as net::traffic counts them
};

/// The object that `bench --json` prints, in one line.
std::string to_json(const bench_summary& s);

/// For people, in a few lines.
std::string to_text(const bench_summary& s);

/// How it was measured: "closed loop, 64 connections, with a ledger".
std::string setting_of(const bench_summary& s);

} // namespace mcbatch::report

#endif
