#ifndef MCBATCH_SANDBOX_TRANSMISSION_HPP
#define MCBATCH_SANDBOX_TRANSMISSION_HPP

#include <mcbatch/core/time.hpp>
#include <mcbatch/sandbox/service.hpp>

#include <string>

namespace mcbatch::sandbox {

/// What becomes of a connection behind an answer.
enum class ending {
  keep,   ///< another request may follow
  part,   ///< closed, once the client has had the answer
  notify, ///< closed at once: the client gets the answer, close_notify and the end together
  cut,    ///< closed at once, without close_notify
  reset,  ///< reset (RST)
  hang,   ///< nothing more, until the client leaves
};

/// What leaves for one answer.
struct transmission {
  std::string bytes;
  ending then = ending::keep;
  duration pace{};     ///< from one byte to the next; zero: all at once
  std::string endless; ///< sent behind the bytes, again and again, until the client leaves
};

/// `keep_alive`: whether the client lets the connection be kept.
transmission transmission_of(const handled& h, bool keep_alive);

} // namespace mcbatch::sandbox

#endif
