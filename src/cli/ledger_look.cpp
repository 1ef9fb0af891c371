#include "cli/ledger_look.hpp"

#include <mcbatch/ledger/reading.hpp>
#include <mcbatch/submit/clocks.hpp>

#include <boost/asio/post.hpp>

#include <exception>
#include <memory>
#include <system_error>
#include <utility>

namespace mcbatch::cli {
namespace {

/// Whatever happens, the run goes on.
result<ledger::survey> look_at(const std::filesystem::path& path) {
  try {
    auto ledger = ledger::reading::beside(path);
    if (!ledger) return ledger.error();
    return ledger->survey(ledger_look::most_groups, ledger_look::most_places);
  } catch (const std::exception& e) {
    return failure{errc::cannot_open, "cannot look at the ledger " + path.string() + ": " + e.what()};
  }
}

} // namespace

void ledger_look::begin(std::function<void(const seen&)> done) {
  wait();
  const auto look = [executor = executor_, path = ledger_, done = std::move(done)] {
    const auto began = submit::read_clocks();
    auto found = look_at(path);
    const auto took = submit::read_clocks().mono - began.mono;
    const auto all = std::make_shared<seen>(seen{std::move(found), began.wall, took});
    boost::asio::post(executor, [done, all] { done(*all); });
  };
  try {
    thread_ = std::thread(look);
  } catch (const std::system_error&) {
    look(); // no more threads may be begun here: it is looked at all the same
  }
}

void ledger_look::wait() {
  if (thread_.joinable()) thread_.join();
}

} // namespace mcbatch::cli
