#include "cli/support.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace mcbatch::tests {
namespace {

using namespace std::chrono_literals;

bool talks_to_the_service(const std::string& command) {
  return command == "submit" || command == "account" || command == "reconcile" || command == "track";
}

} // namespace

temp_dir::temp_dir() {
  std::string pattern = std::filesystem::temp_directory_path() / "mcbatch-cli-XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
  path_ = pattern;
}

temp_dir::~temp_dir() {
  std::error_code ignored; // what is left behind is in a temporary folder
  std::filesystem::remove_all(path_, ignored);
}

bool comes_true(const std::function<bool()>& what) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!what()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

void write_file(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}

void append_file(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary | std::ios::app) << content;
}

std::string read_file(const std::string& path) {
  std::stringstream content;
  content << std::ifstream(path, std::ios::binary).rdbuf();
  return content.str();
}

std::string entry_text(std::size_t n) {
  const auto name = std::to_string(n);
  return R"({"job_type":"video","input_url":"https://in.example.com/)" + name +
         R"(.mov","output_url":"https://out.example.com/)" + name +
         R"(.mp4","input_format":"mov","output_format":"mp4","input_size_bytes":)" + std::to_string(1000 + n) + "}";
}

std::string entries(std::size_t first, std::size_t last) {
  std::string text;
  for (auto n = first; n < last; ++n)
    text += entry_text(n) + "\n";
  return text;
}

mcbatch_process::mcbatch_process(std::vector<std::string> arguments, variables environment,
                                 std::function<void(int)> feed)
    : mcbatch_process(MCBATCH_PROGRAM, std::move(arguments), std::move(environment), std::move(feed)) {}

mcbatch_process::mcbatch_process(std::string program, std::vector<std::string> arguments, variables environment,
                                 std::function<void(int)> feed) {
  dir_.emplace();
  out_path_ = *dir_ / "out";
  err_path_ = *dir_ / "err";
  arguments.insert(arguments.begin(), std::move(program));
  std::vector<std::string> settings;
  for (const auto& [name, value] : environment)
    settings.push_back(name + "=" + value);
  std::vector<char*> argv, envp;
  for (auto& a : arguments)
    argv.push_back(a.data());
  for (auto& s : settings)
    envp.push_back(s.data());
  argv.push_back(nullptr);
  envp.push_back(nullptr);
  int pipe_ends[2];
  if (::pipe2(pipe_ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  pid_ = ::fork();
  if (pid_ == 0) {
    ::dup2(pipe_ends[0], STDIN_FILENO);
    ::dup2(::open(out_path_.c_str(), O_WRONLY | O_CREAT, 0600), STDOUT_FILENO);
    ::dup2(::open(err_path_.c_str(), O_WRONLY | O_CREAT, 0600), STDERR_FILENO);
    // The sandbox's connections would stay open here when it closes them.
    ::close_range(STDERR_FILENO + 1, ~0U, 0);
    ::execve(argv[0], argv.data(), envp.data());
    ::_exit(127);
  }
  ::close(pipe_ends[0]);
  if (feed) feed(pipe_ends[1]);
  ::close(pipe_ends[1]);
}

mcbatch_process::~mcbatch_process() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void mcbatch_process::signal(int number) const {
  ::kill(pid_, number);
}

void mcbatch_process::limit_open_files(unsigned files) const {
  limit(RLIMIT_NOFILE, files);
}

void mcbatch_process::limit_file_size(unsigned bytes) const {
  limit(RLIMIT_FSIZE, bytes);
}

void mcbatch_process::limit(int resource, unsigned most) const {
  rlimit limit{};
  ::prlimit(pid_, static_cast<__rlimit_resource>(resource), nullptr, &limit);
  limit.rlim_cur = most;
  ::prlimit(pid_, static_cast<__rlimit_resource>(resource), &limit, nullptr);
}

std::string mcbatch_process::output_so_far() const {
  return read_file(out_path_);
}

std::string mcbatch_process::errors_so_far() const {
  return read_file(err_path_);
}

ended mcbatch_process::wait(std::chrono::seconds longest) {
  ended e;
  int status{};
  rusage usage{};
  const auto deadline = std::chrono::steady_clock::now() + longest;
  while (::wait4(pid_, &status, WNOHANG, &usage) == 0) {
    if (std::chrono::steady_clock::now() > deadline) ::kill(pid_, SIGKILL);
    std::this_thread::sleep_for(2ms); // there is no wait with a deadline
  }
  pid_ = -1;
  if (WIFEXITED(status)) e.code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) e.signal = WTERMSIG(status);
  e.max_rss_kb = usage.ru_maxrss;
  e.out = read_file(out_path_);
  e.err = read_file(err_path_);
  return e;
}

/// Bound, and not listening: who asks for reuse may listen there, and the kernel gives it to nobody.
reserved_port::reserved_port() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const int yes = 1;
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  auto* const address = reinterpret_cast<sockaddr*>(&at);
  if (::setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 || ::bind(socket_, address, size) != 0 ||
      ::getsockname(socket_, address, &size) != 0)
    throw std::runtime_error("no port");
  number_ = ntohs(at.sin_port);
}

reserved_port::~reserved_port() {
  ::close(socket_);
}

world::world(options o) {
  sandbox::service_options service;
  service.token = token;
  service.limits = o.limits;
  service.window = o.window;
  service.headers = o.headers;
  service.faults = o.faults;
  service.latency = o.latency;
  service.list = o.list;
  service.clock_skew = o.clock_skew;
  service.conversions = o.conversions;
  service.webhooks = o.webhooks;
  service.webhook_secret = webhook_secret;
  sandbox::server_options serving;
  serving.tls = sandbox::make_identity().value();
  write_file(dir / "ca.pem", serving.tls.ca_pem);
  server_ = sandbox::server::start(sandbox::service::make(std::move(service)).value(), std::move(serving)).value();
  environment["MEDIACONVERT_API_TOKEN"] = token;
  environment["MEDIACONVERT_WEBHOOK_SECRET"] = webhook_secret;
  environment["XDG_STATE_HOME"] = dir / "state";
}

ended world::run(std::vector<std::string> arguments, std::function<void(int)> feed) const {
  if (talks_to_the_service(arguments.front()))
    for (const auto& a : {std::string("--base-url"), server_->base_url(), std::string("--ca-file"), dir / "ca.pem"})
      arguments.push_back(a);
  return mcbatch_process(std::move(arguments), environment, std::move(feed)).wait();
}

std::unique_ptr<mcbatch_process> world::start(std::vector<std::string> arguments) const {
  for (const auto& a : {std::string("--base-url"), server_->base_url(), std::string("--ca-file"), dir / "ca.pem"})
    arguments.push_back(a);
  return std::make_unique<mcbatch_process>(std::move(arguments), environment);
}

std::vector<std::string> world::submit_command(std::vector<std::string> more) const {
  std::vector<std::string> command{"submit", manifest(), "--summary", "json"};
  if (std::find(more.begin(), more.end(), "--limit") == more.end())
    command.insert(command.end(), {"--limit", "1000000/1s"});
  command.insert(command.end(), more.begin(), more.end());
  return command;
}

nlohmann::json world::states() const {
  return run({"status", ledger(), "--json"}).json()["jobs"];
}

std::vector<nlohmann::json> world::exported(std::vector<std::string> more) const {
  std::vector<std::string> command{"export", ledger()};
  command.insert(command.end(), more.begin(), more.end());
  std::istringstream lines(run(std::move(command)).out);
  std::vector<nlohmann::json> records;
  for (std::string line; std::getline(lines, line);)
    records.push_back(nlohmann::json::parse(line));
  return records;
}

std::map<std::string, int> world::accepted() const {
  std::map<std::string, int> counts;
  for (const auto& line : server_->journal_lines())
    ++counts[nlohmann::json::parse(line)["output_url"].get<std::string>()];
  return counts;
}

} // namespace mcbatch::tests
