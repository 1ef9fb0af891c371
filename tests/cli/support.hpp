#ifndef MCBATCH_TESTS_CLI_SUPPORT_HPP
#define MCBATCH_TESTS_CLI_SUPPORT_HPP

#include <mcbatch/sandbox/server.hpp>

#include <nlohmann/json.hpp>

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace mcbatch::tests {

/// A folder that is gone after the test.
class temp_dir {
public:
  temp_dir();
  temp_dir(const temp_dir&) = delete;
  temp_dir& operator=(const temp_dir&) = delete;
  ~temp_dir();
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::string operator/(const std::string& name) const { return (path_ / name).string(); }

private:
  std::filesystem::path path_;
};

void write_file(const std::string& path, const std::string& content);
void append_file(const std::string& path, const std::string& content);
std::string read_file(const std::string& path);

/// Whether it does within half a minute: other processes come to it in their own time.
bool comes_true(const std::function<bool()>& what);

/// A manifest entry in JSON, made from a number.
std::string entry_text(std::size_t n);
/// The entries from `first` to before `last`, one a line.
std::string entries(std::size_t first, std::size_t last);

/// How a run of the program ended.
struct ended {
  int code = -1;  ///< the exit code; -1 if a signal ended it
  int signal = 0; ///< the signal that ended it
  std::string out, err;
  long max_rss_kb = 0;

  [[nodiscard]] nlohmann::json json() const { return nlohmann::json::parse(out); }
};

/// The real program, run as a user's shell would, with only the given environment.
class mcbatch_process {
public:
  using variables = std::map<std::string, std::string>;

  /// `feed` writes standard input; without it that is empty.
  mcbatch_process(std::vector<std::string> arguments, variables environment, std::function<void(int)> feed = {});
  /// A command of the shell's, which runs the program in the end.
  static mcbatch_process shell(const std::string& command, variables environment) {
    return {"/bin/bash", {"-c", command}, std::move(environment), {}};
  }
  mcbatch_process(const mcbatch_process&) = delete;
  mcbatch_process& operator=(const mcbatch_process&) = delete;
  ~mcbatch_process();

  void signal(int number) const;
  /// Lowers or raises how many files it may have open (RLIMIT_NOFILE), as far as its hard limit allows.
  void limit_open_files(unsigned files) const;
  /// From now on no file takes more than so many bytes (RLIMIT_FSIZE), as if the disk were full.
  void limit_file_size(unsigned bytes) const;
  /// Waits for its end, so long at most; then it is killed, and the test fails by the signal.
  ended wait(std::chrono::seconds longest = std::chrono::seconds(100));
  // What it has written until now:
  [[nodiscard]] std::string output_so_far() const;
  [[nodiscard]] std::string errors_so_far() const;

private:
  mcbatch_process(std::string program, std::vector<std::string> arguments, variables environment,
                  std::function<void(int)> feed);
  void limit(int resource, unsigned most) const;

  pid_t pid_ = -1;
  std::string out_path_, err_path_;
  std::optional<temp_dir> dir_;
};

/// A port of 127.0.0.1, chosen by the kernel, that nobody else is given while this lives: programs can listen there,
/// one after the other.
class reserved_port {
public:
  reserved_port();
  ~reserved_port();
  reserved_port(const reserved_port&) = delete;
  reserved_port& operator=(const reserved_port&) = delete;
  [[nodiscard]] unsigned short number() const { return number_; }
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(number_); }

private:
  int socket_;
  unsigned short number_ = 0;
};

/// A sandbox in this process, a folder, and the program that talks to it.
class world {
public:
  struct options {
    std::vector<sandbox::limit> limits{{1'000'000, std::chrono::seconds(1)}};
    sandbox::window_kind window = sandbox::window_kind::sliding;
    sandbox::header_kind headers = sandbox::header_kind::none;
    std::string faults{};
    duration latency{};
    sandbox::list_kind list = sandbox::list_kind::plain;
    duration clock_skew{};
    std::string conversions{}, webhooks{};
  };
  static constexpr auto token = "mc_test_canary-token-4711";
  static constexpr auto webhook_secret = "whsec_canary-secret-0815";

  world() : world(options{}) {}
  explicit world(options o);

  /// Runs the program to its end. Arguments that talk to the sandbox are added to those commands that take them.
  ended run(std::vector<std::string> arguments, std::function<void(int)> feed = {}) const;
  [[nodiscard]] std::unique_ptr<mcbatch_process> start(std::vector<std::string> arguments) const;
  /// `mcbatch submit` of the manifest "m.jsonl" with a JSON summary, and a limit far above what the test needs.
  [[nodiscard]] std::vector<std::string> submit_command(std::vector<std::string> more = {}) const;
  ended submit(std::vector<std::string> more = {}) const { return run(submit_command(std::move(more))); }

  /// How many jobs are in each state, by `mcbatch status`.
  [[nodiscard]] nlohmann::json states() const;
  /// The export of "m.jsonl"'s ledger, a record each.
  [[nodiscard]] std::vector<nlohmann::json> exported(std::vector<std::string> more = {}) const;

  /// How often the sandbox accepted each output URL, by its journal.
  [[nodiscard]] std::map<std::string, int> accepted() const;
  [[nodiscard]] sandbox::server& server() const { return *server_; }
  [[nodiscard]] std::string manifest() const { return dir / "m.jsonl"; }
  [[nodiscard]] std::string ledger() const { return dir / "m.jsonl.ledger"; }

  temp_dir dir;
  mcbatch_process::variables environment;

private:
  std::unique_ptr<sandbox::server> server_;
};

} // namespace mcbatch::tests

#endif
