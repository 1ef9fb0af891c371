#ifndef MCBATCH_LOOP_TCP_STREAM_HPP
#define MCBATCH_LOOP_TCP_STREAM_HPP

#include <mcbatch/loop/event_loop.hpp>

#include <boost/beast/core/basic_stream.hpp>

namespace mcbatch {

/// As event_loop.hpp has it of Asio: Beast's socket with timeouts.
using tcp_stream = boost::beast::basic_stream<boost::asio::ip::tcp, io_executor>;

} // namespace mcbatch

#endif
