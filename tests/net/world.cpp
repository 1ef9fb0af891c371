#include "world.hpp"

#include <boost/asio/co_spawn.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>

#include <unistd.h>

namespace mcbatch::net::test {

namespace asio = boost::asio;

temporary_file::temporary_file(const std::string& content)
    : path_((std::filesystem::temp_directory_path() / "mcbatch_net_XXXXXX").string()) {
  const int descriptor = ::mkstemp(path_.data());
  if (descriptor < 0) throw std::runtime_error("no temporary file");
  ::close(descriptor);
  std::ofstream(path_) << content;
}

temporary_file::~temporary_file() {
  std::filesystem::remove(path_);
}

std::string ok(const std::string& body, const std::string& more_fields) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + more_fields + "\r\n" + body;
}

request get(const std::string& target) {
  return {verb::get, target, {}, {}};
}

pool_options world::options_for(const std::string& port) const {
  pool_options options;
  options.peer = {"127.0.0.1", port};
  return options;
}

exchange_result world::run(awaitable<exchange_result> task) {
  std::optional<exchange_result> result;
  const auto on_end = [&result](const std::exception_ptr& error, exchange_result ended) {
    if (error) std::rethrow_exception(error);
    result = std::move(ended);
  };
  asio::co_spawn(io, std::move(task), on_end);
  io.restart();
  while (!result)
    io.run_one();
  io.poll();
  return std::move(*result);
}

bool world::ran_dry() {
  io.restart();
  io.run_for(std::chrono::seconds(10));
  return io.stopped();
}

} // namespace mcbatch::net::test
