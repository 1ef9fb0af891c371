#ifndef MCBATCH_LOOP_PCH_HPP
#define MCBATCH_LOOP_PCH_HPP

// What every file that speaks HTTP over TLS includes anyway.
#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

#endif
