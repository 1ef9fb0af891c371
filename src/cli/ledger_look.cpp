#include "cli/ledger_look.hpp"

#include <mcbatch/ledger/reading.hpp>
#include <mcbatch/submit/clocks.hpp>

#include <boost/asio/post.hpp>

#include <memory>
#include <utility>

namespace mcbatch::cli {
namespace {

constexpr std::size_t most_groups = 30, most_places = 3;

result<ledger::survey> look_at(const std::filesystem::path& path) {
  auto ledger = ledger::reading::beside(path);
  if (!ledger) return ledger.error();
  return ledger->survey(most_groups, most_places);
}

} // namespace

void ledger_look::begin(std::function<void(const seen&)> done) {
  wait();
  thread_ = std::thread([executor = executor_, path = ledger_, done = std::move(done)] {
    const auto began = submit::read_clocks();
    auto found = look_at(path);
    const auto took = submit::read_clocks().mono - began.mono;
    const auto all = std::make_shared<seen>(seen{std::move(found), began.wall, took});
    boost::asio::post(executor, [done, all] { done(*all); });
  });
}

void ledger_look::wait() {
  if (thread_.joinable()) thread_.join();
}

} // namespace mcbatch::cli
