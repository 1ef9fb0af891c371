#ifndef MCBATCH_CLI_COMMANDS_PCH_HPP
#define MCBATCH_CLI_COMMANDS_PCH_HPP

// What the files with options include besides.
#include "cli/pch.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#endif
