#ifndef MCBATCH_CLI_METRICS_FILE_HPP
#define MCBATCH_CLI_METRICS_FILE_HPP

#include <mcbatch/core/time.hpp>

#include <spdlog/logger.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace mcbatch::cli {

/// --metrics-file: Prometheus text, replaced now and then. Without a path it does nothing.
class metrics_file {
public:
  metrics_file(std::optional<std::filesystem::path> path, std::function<std::string(now_pair)> source,
               std::shared_ptr<spdlog::logger> log)
      : path_(std::move(path)), source_(std::move(source)), log_(std::move(log)) {}

  /// To be called several times a second.
  void tick(now_pair now) {
    if (now.mono >= next_) write(now);
  }

  void write(now_pair now);

private:
  std::optional<std::filesystem::path> path_;
  std::function<std::string(now_pair)> source_;
  std::shared_ptr<spdlog::logger> log_;
  instant next_{};
  bool failed_ = false; // the last time: that is told once
};

} // namespace mcbatch::cli

#endif
