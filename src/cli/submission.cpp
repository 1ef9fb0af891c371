#include "cli/submission.hpp"

#include <mcbatch/submit/quota_file.hpp>

#include <boost/asio/post.hpp>

namespace mcbatch::cli {

submission::submission(service_setup with, submit::account quota, ledger::store&& store, submit::observer& observer,
                       submission_settings settings)
    : setup(std::move(with)), pool(io.get_executor(), setup.tls, setup.pool),
      client(setup.url,
             [this](request r, net::before_send ready) { return pool.exchange(std::move(r), std::move(ready)); }),
      account(std::move(quota)), ledger_id(store.ledger_id()), address_secret(store.address_secret()),
      writer(ledger::writer::start(std::move(store), ledger::writer::mode::threaded,
                                   [this](std::function<void()> f) { boost::asio::post(io, std::move(f)); })),
      submitter(io.get_executor(),
                {*writer, ledger_id, client, [this] { pool.close_all(); }, account, setup.token, observer,
                 [this, first = setup.state_file(setup.token.current())](const api::token& renewed) {
                   return submit::name_quota_file(first, setup.state_file(renewed));
                 },
                 settings.pace, settings.webhook_url, address_secret},
                settings.scheduling, settings.random, settings.drain) {}

} // namespace mcbatch::cli
