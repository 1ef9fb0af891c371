#ifndef MCBATCH_CLI_PCH_HPP
#define MCBATCH_CLI_PCH_HPP

// What most files of the command line include anyway, some by way of others.
#include "loop/pch.hpp"

#include <fmt/format.h>
#include <spdlog/logger.h>

#endif
