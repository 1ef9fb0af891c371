#include "cli/conversion_follower.hpp"

#include "cli/exit_code.hpp"

#include <boost/asio/co_spawn.hpp>

namespace mcbatch::cli {
namespace {

namespace asio = boost::asio;

constexpr std::size_t polls_at_once = 16;

track::tracker_settings settings_of(const follow_settings& s) {
  track::poll_settings polls;
  polls.expect_events = s.events.has_value();
  polls.event_grace = s.webhook_grace;
  return {polls, polls_at_once, s.max_outage, s.random, s.max_backoff};
}

web::server_settings server_of(const event_source& events) {
  web::server_settings settings;
  settings.address = events.at.host;
  settings.port = events.at.port;
  settings.tls = events.tls;
  return settings;
}

} // namespace

conversion_follower::conversion_follower(asio::io_context& io, track::tracker_parts parts,
                                         const follow_settings& settings, track_reporter& reporter)
    : io_(io), polls_(settings.polls), drain_(settings.drain), close_connections_(settings.close_connections),
      ledger_failed_(settings.ledger_failed), drain_timer_(io), reporter_(reporter),
      tracker_(io.get_executor(), parts, settings_of(settings)) {
  if (!settings.events) return;
  const auto failed = [this](const failure& f) {
    tracker_.ledger_failed(f);
    ledger_failed_(f);
  };
  receiver_ = std::make_unique<track::event_receiver>(
      parts.writer, settings.events->secret.secret(), settings.events->address_secret,
      [this](const track::news& n) { tracker_.heard(n); }, failed);
  web::handler answers = [this](request r) -> awaitable<web::answer> {
    auto whole = co_await receiver_->receive(std::move(r));
    reporter_.received(receiver_->counts());
    co_return web::answer{std::move(whole)};
  };
  listener_ = value_or_exit(web::server::listen(io.get_executor(), server_of(*settings.events), std::move(answers),
                                                [this](const std::string& sentence) { reporter_.problem(sentence); }));
  reporter_.listens(listener_->origin());
}

void conversion_follower::start(std::function<void(std::exception_ptr)> ended) {
  asio::co_spawn(io_, tracker_.run(), std::move(ended));
}

void conversion_follower::stop(submit::stop_reason reason) {
  tracker_.stop(reason);
  drain_timer_.expires_after(drain_);
  drain_timer_.async_wait([this](boost::system::error_code cancelled) {
    if (!cancelled) close_connections_();
  });
}

report::following conversion_follower::summary() const {
  return {reporter_.polls(), tracker_.missing(), receiver_ ? std::optional(receiver_->counts()) : std::nullopt};
}

} // namespace mcbatch::cli
