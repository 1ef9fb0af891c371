#include "cli/log.hpp"

#include "cli/add_option.hpp"

#include <mcbatch/core/printable.hpp>
#include <mcbatch/core/text.hpp>

#include <nlohmann/json.hpp>
#include <spdlog/details/null_mutex.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/basic_file_sink.h>

#include <sys/stat.h>

namespace mcbatch::cli {
namespace {

class console_sink : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
public:
  explicit console_sink(console& c) : console_(c) {}

protected:
  void sink_it_(const spdlog::details::log_msg& msg) override {
    spdlog::memory_buf_t line;
    formatter_->format(msg, line);
    console_.line({line.data(), line.size()});
  }
  void flush_() override {}

private:
  console& console_;
};

/// "2024-01-15T10:30:00.000Z info: message": one line, whatever names and words of others the message holds.
class text_formatter : public spdlog::formatter {
public:
  explicit text_formatter(std::string end)
      : end_(std::move(end)), pattern_("%Y-%m-%dT%H:%M:%S.%eZ %l: %v", spdlog::pattern_time_type::utc, end_) {}

  void format(const spdlog::details::log_msg& msg, spdlog::memory_buf_t& out) override {
    const auto text = printable({msg.payload.data(), msg.payload.size()});
    auto clean = msg;
    clean.payload = {text.data(), text.size()};
    pattern_.format(clean, out);
  }
  [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<text_formatter>(end_);
  }

private:
  std::string end_;
  spdlog::pattern_formatter pattern_;
};

/// One JSON object a line: time, level, message.
class json_formatter : public spdlog::formatter {
public:
  explicit json_formatter(std::string end) : end_(std::move(end)) {}

  void format(const spdlog::details::log_msg& msg, spdlog::memory_buf_t& out) override {
    nlohmann::ordered_json line;
    line["time"] = format_time(std::chrono::time_point_cast<std::chrono::microseconds>(msg.time));
    line["level"] =
        std::string(spdlog::level::to_string_view(msg.level).data(), spdlog::level::to_string_view(msg.level).size());
    line["message"] = std::string(msg.payload.data(), msg.payload.size());
    const auto text =
        printable_json(line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace)) + end_;
    out.append(text.data(), text.data() + text.size());
  }
  [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<json_formatter>(end_);
  }

private:
  std::string end_;
};

/// What is created while this stands is its owner's alone. Before there are other threads: the umask is the process's.
class private_files {
public:
  private_files() : before_(::umask(077)) {}
  ~private_files() { ::umask(before_); }
  private_files(const private_files&) = delete;
  private_files& operator=(const private_files&) = delete;

private:
  mode_t before_;
};

} // namespace

void log_options::add_to(CLI::App& command) {
  using spdlog::level::level_enum;
  add_choice<level_enum>(command, "--log-level", level,
                         {{"debug", level_enum::debug},
                          {"info", level_enum::info},
                          {"warning", level_enum::warn},
                          {"error", level_enum::err},
                          {"off", level_enum::off}},
                         "What is worth a line")
      ->default_str("info");
  add_choice<bool>(command, "--log-format", json, {{"text", false}, {"json", true}}, "How the lines are written")
      ->default_str("text");
  command.add_option("--log-file", file, "Where the lines go, in place of standard error; appended to")
      ->type_name("PATH");
}

result<std::shared_ptr<spdlog::logger>> log_options::open(console& console) const {
  std::shared_ptr<spdlog::sinks::sink> sink;
  if (file) {
    const private_files alone; // one that is there keeps its mode
    try {
      sink = std::make_shared<spdlog::sinks::basic_file_sink_st>(*file);
    } catch (const spdlog::spdlog_ex& e) {
      return failure{errc::bad_setting, "the log file cannot be opened: " + std::string(e.what())};
    }
  } else {
    sink = std::make_shared<console_sink>(console);
  }
  const std::string end = file ? "\n" : "";
  if (json)
    sink->set_formatter(std::make_unique<json_formatter>(end));
  else
    sink->set_formatter(std::make_unique<text_formatter>(end));
  auto logger = std::make_shared<spdlog::logger>("mcbatch", std::move(sink));
  logger->set_level(level);
  logger->flush_on(spdlog::level::info);
  return logger;
}

} // namespace mcbatch::cli
