#ifndef MCBATCH_REPORT_EXPORT_HPP
#define MCBATCH_REPORT_EXPORT_HPP

#include <mcbatch/ledger/reading.hpp>

#include <string>

namespace mcbatch::report {

/// The first line of a CSV export: the names of its columns.
std::string export_csv_header();

/// A job as one line of an export, with its end of line. URLs are shown without their signatures.
std::string export_jsonl(const ledger::record& r);
std::string export_csv(const ledger::record& r);

/// The entry as it was read, as one line of JSON Lines, with its end of line.
std::string export_entry(const ledger::record& r);

} // namespace mcbatch::report

#endif
