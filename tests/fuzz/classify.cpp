// Whatever a service answers to a create: it means what the table of answers says, and what is kept of it can be shown
// and holds no secret.
//
// The input is an answer in text: a line "STATUS", or "lost" or "unsent" for a failure; lines "Name: value"; an empty
// line; the body. In it $T stands for the token, $U for a presigned URL, $S for its signature as a parameter, and $E
// for that as some writers of JSON escape it.

#include "check.hpp"

#include <mcbatch/api/classify.hpp>
#include <mcbatch/core/huge_numbers.hpp>
#include <mcbatch/core/text.hpp>

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

using namespace mcbatch;

namespace {

constexpr std::string_view secret = "mc_test_canary-token.4711";
constexpr std::string_view signature = "5e11ca11ab1e5e11ca11ab1e";
constexpr std::size_t most_bytes = 500;

const api::token& planted_token() {
  static const auto token = api::token::from(std::string(secret), "the test").value();
  return token;
}

std::string planted(std::string_view text) {
  const std::pair<char, std::string> plants[] = {
      {'T', std::string(secret)},
      {'U', "https://in.example.com/a.mov?X-Amz-Expires=60&X-Amz-Signature=" + std::string(signature)},
      {'S', "X-Amz-Signature=" + std::string(signature)},
      {'E', "https:\\/\\/in.example.com\\/a.mov?X-Amz-Signature\\u003d" + std::string(signature)}};
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto* plant =
        text[i] != '$' || i + 1 == text.size()
            ? std::end(plants)
            : std::find_if(std::begin(plants), std::end(plants), [&](const auto& p) { return p.first == text[i + 1]; });
    if (plant == std::end(plants)) {
      out += text[i];
    } else {
      out += plant->second;
      ++i;
    }
  }
  return out;
}

std::string_view take_line(std::string_view& text) {
  const auto line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  return line;
}

void check_texts(const outcome& o) {
  for (const auto& text : {o.job_id, o.job_status, o.error, o.message}) {
    check_shown(text, most_bytes);
    check(!holds(text, secret), "the token is not shown", text);
    check(!holds(text, signature), "no signature is shown", text);
  }
}

/// The table of answers, as the README has it.
meaning expected(int status, bool has_id) {
  switch (status) {
  case 401:
    return meaning::unauthorized;
  case 402:
    return meaning::payment_required;
  case 403:
    return meaning::forbidden;
  case 408:
  case 425:
    return meaning::try_later;
  case 429:
    return meaning::rate_limited;
  case 503:
    return meaning::unavailable;
  default:
    break;
  }
  if (status >= 200 && status < 300) return has_id ? meaning::accepted : meaning::unclear_success;
  if (status >= 300 && status < 400) return meaning::redirected;
  if (status >= 400 && status < 500) return meaning::refused;
  return meaning::server_error;
}

void check_failure(std::string_view text, bool byte_left) {
  for (const auto code : {errc::untrusted, errc::timed_out, errc::stopped}) {
    const net::exchange_result lost = net::exchange_failure{{code, std::string(text)}, byte_left};
    const auto o = api::classify_create(lost, planted_token());
    check_texts(o);
    check(o.http_status == 0 && o.job_id.empty(), "a failure is no answer");
    check((o.what == meaning::lost) == byte_left, "in doubt is what may have arrived, and nothing else");
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view written(reinterpret_cast<const char*>(data), size);
  if (holds(written, secret) || holds(written, signature)) return 0; // by chance: where it is no secret
  const auto input = planted(written);
  std::string_view rest = input;
  const auto first = take_line(rest);
  if (first == "lost" || first == "unsent") {
    check_failure(rest, first == "lost");
    return 0;
  }
  reply answer;
  answer.status = static_cast<int>(parse_integer<std::uint32_t>(first).value_or(200) % 1000);
  for (auto line = take_line(rest); !line.empty(); line = take_line(rest))
    answer.fields.add(line.substr(0, line.find(':')), trim(line.substr(std::min(line.find(':') + 1, line.size()))));
  answer.body = rest;

  const auto o = api::classify_create(answer, planted_token());
  check_texts(o);
  check(o.http_status == answer.status, "the status is kept");
  check(o.what == expected(answer.status, !o.job_id.empty()), "an answer means what the table says", to_string(o.what));
  check(o.what == meaning::accepted || o.job_id.empty(), "only what was accepted has an id", o.job_id);
  check(o.what == meaning::accepted || !(o.error.empty() || o.message.empty()), "what was not accepted says why");
  check(!o.estimated_cost_micros || *o.estimated_cost_micros >= 0, "nothing costs less than nothing");
  if (o.what == meaning::accepted) // JSON has no bound on numbers, and its parsers have
    check(nlohmann::json::accept(without_huge_numbers(answer.body)), "an id comes in JSON", answer.body);

  const auto r = api::classify_read(answer, planted_token());
  check_texts(r);
  const bool tells = answer.status / 100 == 2 && nlohmann::json::accept(without_huge_numbers(answer.body));
  check(r.what != meaning::accepted || tells, "a call that reads succeeds by a 2xx in JSON");
  return 0;
}
