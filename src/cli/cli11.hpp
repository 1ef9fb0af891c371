#ifndef MCBATCH_CLI_CLI11_HPP
#define MCBATCH_CLI_CLI11_HPP

/// CLI11's command, by its name alone: the definition of each of its validators goes into every file that includes
/// CLI11, which takes the compiler eight seconds.
namespace CLI {
class App;
}

#endif
