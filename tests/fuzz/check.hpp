#ifndef MCBATCH_TESTS_FUZZ_CHECK_HPP
#define MCBATCH_TESTS_FUZZ_CHECK_HPP

#include <simdjson.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

/// Ends the program where a promise is broken: the fuzzer, or replay.cpp, then keeps the input.
inline void check(bool holds, const char* promise, std::string_view seen = {}) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n%s\n", promise, std::string(seen).c_str());
  std::abort();
}

inline bool holds(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// Fit to be shown and logged: UTF-8 on one line without control characters, no longer than `most` bytes.
inline void check_shown(std::string_view text, std::size_t most) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7f'; };
  check(text.size() <= most, "what is shown is short", text);
  check(std::none_of(text.begin(), text.end(), is_control), "what is shown is one line without controls", text);
  check(simdjson::validate_utf8(text.data(), text.size()), "what is shown is UTF-8", text);
}

#endif
