#ifndef MCBATCH_LOOP_EVENT_LOOP_HPP
#define MCBATCH_LOOP_EVENT_LOOP_HPP

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

/// What Asio calls by these names, on an io_context. Asio's own work on any executor: by a call through a pointer and
/// an allocation for each step, a twenty-fifth of the instructions that a request takes.
namespace mcbatch {

using io_executor = boost::asio::io_context::executor_type;

/// Coroutines await those of the same executor only.
template <class T>
using awaitable = boost::asio::awaitable<T, io_executor>;
inline constexpr boost::asio::use_awaitable_t<io_executor> use_awaitable;

using steady_timer = boost::asio::steady_timer::rebind_executor<io_executor>::other;
using tcp_socket = boost::asio::ip::tcp::socket::rebind_executor<io_executor>::other;
using tcp_acceptor = boost::asio::ip::tcp::acceptor::rebind_executor<io_executor>::other;

} // namespace mcbatch

#endif
