#ifndef MCBATCH_CORE_HUGE_NUMBERS_HPP
#define MCBATCH_CORE_HUGE_NUMBERS_HPP

#include <string>

namespace mcbatch {

/// A text of JSON with null in place of each number that neither 64 bits nor a double hold, as long as before. RFC
/// 8259, section 6, allows such numbers; simdjson's DOM refuses the whole text for one.
std::string without_huge_numbers(std::string json);

} // namespace mcbatch

#endif
