#ifndef MCBATCH_CLI_STOP_SIGNALS_HPP
#define MCBATCH_CLI_STOP_SIGNALS_HPP

namespace mcbatch::cli {

/// While one of these stands, SIGINT and SIGTERM wait: what has to be cleared away is not left behind.
class held_stop_signals {
public:
  held_stop_signals();
  held_stop_signals(const held_stop_signals&) = delete;
  held_stop_signals& operator=(const held_stop_signals&) = delete;
  ~held_stop_signals();
};

/// And while one of these stands within it, they come, to whoever handles them.
class released_stop_signals {
public:
  released_stop_signals();
  released_stop_signals(const released_stop_signals&) = delete;
  released_stop_signals& operator=(const released_stop_signals&) = delete;
  ~released_stop_signals();
};

} // namespace mcbatch::cli

#endif
