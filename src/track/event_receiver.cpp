#include <mcbatch/track/event_receiver.hpp>

#include <mcbatch/api/conversion.hpp>
#include <mcbatch/api/webhook_url.hpp>
#include <mcbatch/submit/clocks.hpp>

#include <boost/asio/async_result.hpp>

#include <memory>

namespace mcbatch::track {
namespace {

namespace asio = boost::asio;
using ledger::event_fate;
using ledger::heard_event;

constexpr std::string_view signature_field = "X-MediaConvert-Signature";

reply answer(int status, std::string_view words) {
  reply r;
  r.status = status;
  r.fields.add("Content-Type", "text/plain; charset=utf-8");
  r.body = words;
  return r;
}

} // namespace

event_receiver::event_receiver(ledger::writer& writer, std::string secret, std::string address_secret,
                               std::function<void(const news&)> told, std::function<void(const failure&)> failed)
    : writer_(writer), secret_(std::move(secret)), address_secret_(std::move(address_secret)), told_(std::move(told)),
      failed_(std::move(failed)) {}

/// The event in a request; or the answer to what is none.
std::variant<heard_event, reply> event_receiver::understand(const request& r, news& about) {
  if (r.method != verb::post) {
    auto refused = answer(405, "This address takes the service's events, by POST.\n");
    refused.fields.add("Allow", "POST");
    return refused;
  }
  if (!api::is_signed(r.body, r.fields.find(signature_field).value_or(""), secret_)) {
    ++counts_.unproven;
    return answer(401, "The signature is not that of this body under the account's webhook secret.\n");
  }
  auto event = api::parse_event(r.body);
  if (!event) {
    ++counts_.malformed;
    return answer(400, event.error().what.append("\n"));
  }
  about.unknown_status = std::move(event->unknown_status);
  return heard_event{std::move(event->job_id), api::key_in(r.target, address_secret_), std::move(event->what)};
}

awaitable<reply> event_receiver::receive(request r) {
  const auto about = std::make_shared<news>();
  auto understood = understand(r, *about);
  if (auto* const refused = std::get_if<reply>(&understood)) co_return std::move(*refused);
  const auto committed = co_await record(std::get<heard_event>(std::move(understood)), about);
  co_return conclude(committed, *about);
}

/// Returns once it is on the disk, or has failed.
awaitable<result<void>> event_receiver::record(heard_event event, std::shared_ptr<news> about) {
  about->job_id = event.job_id;
  about->what = event.what;
  auto work = [about, event = std::move(event), at = submit::read_clocks().wall](ledger::store& s) {
    about->heard = s.hear(event, at);
    about->counts = s.conversions();
  };
  const auto initiate = [this](auto handler, auto w) { writer_.post(std::move(w), std::move(handler)); };
  return asio::async_initiate<decltype(use_awaitable), void(result<void>)>(initiate, use_awaitable, std::move(work));
}

reply event_receiver::conclude(const result<void>& committed, const news& about) {
  if (!committed) {
    failed_(committed.error());
    return answer(503, "The event could not be recorded. Send it again later.\n");
  }
  count(about.heard.fate);
  told_(about);
  return answer(200, "");
}

void event_receiver::count(event_fate fate) {
  switch (fate) {
  case event_fate::news:
    ++counts_.news;
    break;
  case event_fate::no_news:
    ++counts_.no_news;
    break;
  case event_fate::proof:
    ++counts_.proofs;
    break;
  case event_fate::early:
    ++counts_.early;
    break;
  }
}

} // namespace mcbatch::track
