#include "cli/child.hpp"

#include <cerrno>
#include <csignal>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace mcbatch::cli {
namespace {

using namespace std::chrono_literals;

/// In the child, between fork and exec: nothing but system calls. Returns only where it fails.
void become(char* const* argv, const child::streams& s, pid_t parent) {
  ::setpgid(0, 0); // Ctrl-C is for the foreground's processes
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(0); // it died before that
  sigset_t none;
  ::sigemptyset(&none);
  ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
  std::signal(SIGPIPE, SIG_DFL);
  const int nowhere = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  ::dup2(s.in >= 0 ? s.in : nowhere, STDIN_FILENO);
  ::dup2(s.out >= 0 ? s.out : nowhere, STDOUT_FILENO);
  ::dup2(s.err >= 0 ? s.err : nowhere, STDERR_FILENO);
  ::execvp(argv[0], argv);
}

} // namespace

result<child> child::start(std::vector<std::string> command, streams s) {
  std::vector<char*> argv;
  for (auto& word : command)
    argv.push_back(word.data());
  argv.push_back(nullptr);
  const auto failed = [&](int error) {
    return failure{errc::cannot_open,
                   "cannot start " + command.front() + ": " + std::generic_category().message(error)};
  };
  int told[2]; // closed by exec, or else written to
  if (::pipe2(told, O_CLOEXEC) != 0) return failed(errno);
  const auto parent = ::getpid();
  const auto pid = ::fork();
  if (pid == 0) {
    become(argv.data(), s, parent);
    const int error = errno;
    const auto ignored = ::write(told[1], &error, sizeof error);
    ::_exit(ignored > 0 ? 126 : 127);
  }
  const int fork_error = errno;
  ::close(told[1]);
  int error = 0;
  const auto got = pid < 0 ? 0 : ::read(told[0], &error, sizeof error);
  ::close(told[0]);
  if (pid < 0) return failed(fork_error);
  child started(pid);
  if (got > 0) return failed(error);
  return started;
}

child::~child() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

std::optional<int> child::wait(duration longest) {
  const auto deadline = std::chrono::steady_clock::now() + longest;
  int status = 0;
  while (::waitpid(pid_, &status, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() >= deadline) return std::nullopt;
    std::this_thread::sleep_for(5ms); // there is no wait with a deadline
  }
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

} // namespace mcbatch::cli
