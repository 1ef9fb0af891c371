#ifndef MCBATCH_SUBMIT_POST_TOGETHER_HPP
#define MCBATCH_SUBMIT_POST_TOGETHER_HPP

#include <mcbatch/ledger/writer.hpp>

#include <boost/asio/any_io_executor.hpp>

namespace mcbatch::submit {

/// Brings completions to the executor's thread, all that have come since it last took some at once: a commit of many
/// jobs wakes that thread once and not once for each job.
ledger::completion_executor post_together(boost::asio::any_io_executor executor);

} // namespace mcbatch::submit

#endif
