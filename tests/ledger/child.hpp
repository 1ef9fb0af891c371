#ifndef MCBATCH_TESTS_LEDGER_CHILD_HPP
#define MCBATCH_TESTS_LEDGER_CHILD_HPP

#include <functional>
#include <sys/types.h>

namespace mcbatch::ledger::test {

/// Another process that runs a function of this one.
class child {
public:
  class signal {
  public:
    explicit signal(int fd) : fd_(fd) {}
    void send();

  private:
    int fd_;
  };

  explicit child(const std::function<void(signal&)>& work);
  child(const child&) = delete;
  child& operator=(const child&) = delete;
  ~child() { kill(); }

  [[noreturn]] static void wait_to_be_killed();

  /// Waits for the child to send its signal; throws if it died without.
  void wait_until_ready();

  /// SIGKILL, and waits for its end.
  void kill();

  [[nodiscard]] pid_t pid() const { return pid_; }

private:
  pid_t pid_ = -1;
  int ready_ = -1;
};

/// Runs `holds` in another process that has no privileges, and returns whether it returned true there.
bool holds_for_nobody(const std::function<bool()>& holds);

} // namespace mcbatch::ledger::test

#endif
