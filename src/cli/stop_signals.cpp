#include "cli/stop_signals.hpp"

#include <csignal>

namespace mcbatch::cli {
namespace {

void change_mask(int how) {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGINT);
  ::sigaddset(&signals, SIGTERM);
  ::pthread_sigmask(how, &signals, nullptr);
}

} // namespace

held_stop_signals::held_stop_signals() {
  change_mask(SIG_BLOCK);
}
held_stop_signals::~held_stop_signals() {
  change_mask(SIG_UNBLOCK);
}
released_stop_signals::released_stop_signals() {
  change_mask(SIG_UNBLOCK);
}
released_stop_signals::~released_stop_signals() {
  change_mask(SIG_BLOCK);
}

} // namespace mcbatch::cli
