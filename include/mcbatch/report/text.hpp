#ifndef MCBATCH_REPORT_TEXT_HPP
#define MCBATCH_REPORT_TEXT_HPP

#include <mcbatch/core/time.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace mcbatch::report {

/// "1,234,567".
std::string with_commas(std::uint64_t n);

/// A length of time for people, to two units at most: "41 s", "2 h 5 min", "3 d 4 h", "350 ms".
std::string for_people(duration d);

/// A time of day by the user's clock, in the time zone of the environment: "14:00:12", and with the date where that is
/// not the day of `now`: "2024-01-16 02:00:12". Part of a second counts as a whole one. Any thread.
std::string time_of_day(wall_time t, wall_time now);

/// Millionths of a euro as "EUR 1.57".
std::string euros(std::int64_t micros);

/// `text` as a shell takes it for one word: in quotes where it needs them, and in $'...' of bash, ksh and zsh where a
/// terminal would not show all of it.
std::string shell_word(std::string_view text);

/// "1 job", "2,000 jobs".
std::string count_of(std::uint64_t n, std::string_view singular, std::string_view plural);

} // namespace mcbatch::report

#endif
