#include "cli/own_sandbox.hpp"

#include "cli/exit_code.hpp"

#include <mcbatch/submit/quota_file.hpp>

#include <fstream>
#include <iterator>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace mcbatch::cli {
namespace {

using namespace std::chrono_literals;

constexpr duration longest_start = 30s; // it makes its keys
constexpr std::string_view announcement = "listening on ";

/// A line from a pipe; less of it where the pipe ends, or where it takes too long.
std::string read_line(int fd) {
  const auto deadline = std::chrono::steady_clock::now() + longest_start;
  std::string line;
  for (char c = 0;; line += c) {
    const auto left = (deadline - std::chrono::steady_clock::now()) / 1ms;
    pollfd readable{fd, POLLIN, 0};
    if (left <= 0 || ::poll(&readable, 1, static_cast<int>(left)) <= 0 || ::read(fd, &c, 1) != 1 || c == '\n')
      return line;
  }
}

std::string content_of(const std::filesystem::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

} // namespace

own_sandbox own_sandbox::start(const std::filesystem::path& folder) {
  const std::string tls = folder / "tls", errors = folder / "sandbox.err";
  int ends[2] = {-1, -1};
  const submit::descriptor err(::open(errors.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  if (err.get() < 0 || ::pipe2(ends, O_CLOEXEC) != 0)
    throw exit_with{exit_code::bad_setting, "the sandbox cannot be started: too few files may be open (ulimit -n)"};
  const submit::descriptor out(ends[0]);
  submit::descriptor in(ends[1]);
  // What it accepted is nobody's: kept in memory it would only make the sandbox grow.
  auto process =
      value_or_exit(child::start({"/proc/self/exe", "sandbox", "--listen", "127.0.0.1:0", "--tls-dir", tls, "--token",
                                  token, "--limit", "1000000000/1s", "--headers", "none", "--journal", "/dev/null"},
                                 {-1, in.get(), err.get()}));
  in = submit::descriptor(); // so that the pipe ends with the sandbox
  auto line = read_line(out.get());
  if (!line.starts_with(announcement))
    throw exit_with{exit_code::unavailable, "the sandbox did not start: " + content_of(errors) +
                                                "Name a server of yours with --base-url, or try again"};
  return {std::move(process), line.substr(announcement.size()), tls + "/ca.pem"};
}

} // namespace mcbatch::cli
