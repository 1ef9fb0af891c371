#include "child.hpp"

#include <csignal>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

namespace mcbatch::ledger::test {
namespace {

constexpr uid_t nobody = 65534;

} // namespace

void child::signal::send() {
  if (::write(fd_, "r", 1) != 1) ::_exit(1);
}

child::child(const std::function<void(signal&)>& work) {
  int ends[2] = {-1, -1};
  if (::pipe(ends) != 0) throw std::runtime_error("pipe failed");
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("fork failed");
  if (pid_ == 0) {
    ::close(ends[0]);
    signal ready(ends[1]);
    work(ready);
    ::_exit(0);
  }
  ::close(ends[1]);
  ready_ = ends[0];
}

void child::wait_to_be_killed() {
  for (;;)
    ::pause();
}

void child::wait_until_ready() {
  char byte = 0;
  if (::read(ready_, &byte, 1) != 1) throw std::runtime_error("the child died early");
}

void child::kill() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  ::close(ready_);
  pid_ = -1;
}

bool holds_for_nobody(const std::function<bool()>& holds) {
  const auto pid = ::fork();
  if (pid < 0) throw std::runtime_error("fork failed");
  if (pid == 0) {
    // Permissions do not bind root.
    if (::geteuid() == 0 && ::setuid(nobody) != 0) ::_exit(2);
    ::_exit(holds() ? 0 : 1);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

} // namespace mcbatch::ledger::test
