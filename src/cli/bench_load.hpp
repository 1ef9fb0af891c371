#ifndef MCBATCH_CLI_BENCH_LOAD_HPP
#define MCBATCH_CLI_BENCH_LOAD_HPP

#include "cli/bench_meter.hpp"
#include "cli/service_options.hpp"

#include <mcbatch/manifest/reader.hpp>
#include <mcbatch/net/traffic.hpp>
#include <mcbatch/submit/observer.hpp>
#include <mcbatch/submit/pace.hpp>
#include <mcbatch/submit/stop_reason.hpp>

#include <spdlog/logger.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace mcbatch::cli {

/// What a benchmark puts on the service.
struct bench_load {
  std::vector<std::string> manifests; ///< none: jobs are generated
  manifest::options reading;
  std::optional<std::uint64_t> jobs; ///< so many of them
  std::optional<duration> time;      ///< from the first departure
  std::optional<submit::pace> pace;  ///< nothing: a closed loop
  std::size_t connections = 64;
};

/// How it ended, beside what the meter tells.
struct bench_end {
  submit::stop_reason reason = submit::stop_reason::done;
  std::string problem;           ///< why it stopped before its end
  std::optional<failure> unread; ///< why a manifest could not be read to its end
  submit::import_counts read;
  std::uint64_t expired = 0;
  std::optional<duration> import;
  std::uint64_t overdue = 0; ///< due and not left when it was stopped
  net::traffic carried;
};

/// As `submit` does it: by an importer, a ledger at that path, the quota's state file, and the submitter.
bench_end load_with_ledger(const bench_load& load, service_setup setup, const std::filesystem::path& ledger,
                           bench_meter& meter, spdlog::logger& log);

/// The same requests without what makes them durable: neither a ledger nor a quota.
bench_end load_without_ledger(const bench_load& load, service_setup setup, bench_meter& meter, spdlog::logger& log);

} // namespace mcbatch::cli

#endif
