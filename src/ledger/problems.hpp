#ifndef MCBATCH_LEDGER_PROBLEM_GROUPS_HPP
#define MCBATCH_LEDGER_PROBLEM_GROUPS_HPP

#include "sqlite.hpp"

#include <mcbatch/ledger/problems.hpp>

#include <cstddef>

namespace mcbatch::ledger {

/// At most so many groups of each kind, with so many places each. SQLite's errors are thrown.
problem_groups group_problems(sql::database& db, std::size_t most_groups, std::size_t most_places);

} // namespace mcbatch::ledger

#endif
