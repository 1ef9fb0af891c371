#ifndef MCBATCH_LEDGER_SURVEYING_HPP
#define MCBATCH_LEDGER_SURVEYING_HPP

#include "sqlite.hpp"

#include <mcbatch/ledger/survey.hpp>

#include <cstddef>

namespace mcbatch::ledger {

/// The whole ledger, within a transaction that the caller has begun. SQLite's errors are thrown.
survey survey_of(sql::database& db, std::size_t most_groups, std::size_t most_places);

} // namespace mcbatch::ledger

#endif
