#include <mcbatch/sandbox/faults.hpp>

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <iterator>
#include <limits>
#include <utility>
#include <variant>

namespace mcbatch::sandbox {

namespace {

/// The whole of `text` as a number; nothing if it is anything else.
template <class T>
std::optional<T> number(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

using fault_of_either = std::variant<fault, connection_fault>;

struct named_fault {
  std::string_view name;
  fault_of_either what;
  std::string_view meaning;
};

constexpr fault arriving(delivery how) {
  return {fault_kind::delivery, 0, how};
}

constexpr std::array named_faults{
    named_fault{"refused", connection_fault::refused, "nothing listens, for a second"},
    named_fault{"blackhole", connection_fault::black_hole, "it comes about and stays silent"},
    named_fault{"reset-before", connection_fault::reset_before, "reset before the TLS handshake"},
    named_fault{"reset-in", connection_fault::reset_in, "reset in the middle of its first request"},
    named_fault{"expired-cert", connection_fault::expired, "a certificate whose time is over"},
    named_fault{"self-signed-cert", connection_fault::self_signed, "a certificate that signed itself"},
    named_fault{"wrong-host-cert", connection_fault::wrong_host, "another host's certificate"},

    named_fault{"429", fault{fault_kind::rate_limit}, "429 with Retry-After: 2"},
    named_fault{"drop", fault{fault_kind::drop}, "the connection is closed"},
    named_fault{"html", fault{fault_kind::html}, "200 with a web page"},
    named_fault{"redirect", fault{fault_kind::redirect}, "307 to another host"},

    named_fault{"500+", fault{fault_kind::status_500}, "500 after all"},
    named_fault{"noid", fault{fault_kind::no_id}, "201 without the job's id"},
    named_fault{"gzip", fault{fault_kind::gzip}, "the body is compressed, unasked"},
    named_fault{"lost", arriving(delivery::drop), "the connection is closed in place of an answer"},
    named_fault{"reset-after", arriving(delivery::reset), "the connection is reset in place of an answer"},
    named_fault{"truncated", arriving(delivery::truncated), "half of the body, then the connection is closed"},
    named_fault{"hang", arriving(delivery::hang), "no answer ever"},
    named_fault{"slow", arriving(delivery::slow), "ten bytes a second"},
    named_fault{"long-length", arriving(delivery::long_length), "Content-Length says more than comes"},
    named_fault{"short-length", arriving(delivery::short_length), "Content-Length says half of what comes"},
    named_fault{"bad-chunks", arriving(delivery::bad_chunks), "chunked, and the second chunk has no size"},
    named_fault{"both-framings", arriving(delivery::both_framings), "with Content-Length, and chunked as well"},
    named_fault{"endless-headers", arriving(delivery::endless_headers), "header fields without end"},
    named_fault{"1xx-flood", arriving(delivery::interim_flood), "interim answers (102) without end"},
    named_fault{"surplus", arriving(delivery::surplus), "a second answer behind it, which nobody asked for"},
    named_fault{"early-close", arriving(delivery::early_close), "the connection ends though it was to be kept"},
    named_fault{"no-close-notify", arriving(delivery::no_close_notify), "whole, then closed without close_notify"},
    named_fault{"close-delimited", arriving(delivery::close_delimited), "without length, closed without close_notify"},
};

std::optional<fault_of_either> fault_from_string(std::string_view text) {
  for (const auto& known : named_faults)
    if (known.name == text) return known.what;
  const auto status = number<int>(text);
  if (!status || *status < 300 || *status > 599) return std::nullopt;
  return fault{fault_kind::status, *status};
}

struct range {
  std::uint64_t first;
  std::uint64_t last;
};

/// "N", "N-M" or "N-", counted from 1.
std::optional<range> range_from_string(std::string_view text) {
  const auto dash = text.find('-');
  const auto first = number<std::uint64_t>(text.substr(0, dash));
  if (!first || *first == 0) return std::nullopt;
  if (dash == std::string_view::npos) return range{*first, *first};
  if (dash + 1 == text.size()) return range{*first, std::numeric_limits<std::uint64_t>::max()};
  const auto last = number<std::uint64_t>(text.substr(dash + 1));
  if (!last || *last < *first) return std::nullopt;
  return range{*first, *last};
}

failure bad_rule(std::string_view rule, std::string_view why) {
  return {errc::bad_setting, fmt::format("The fault rule \"{}\" cannot be used: {}.", rule, why)};
}

std::string all_names() {
  std::string names;
  for (const auto& known : named_faults)
    fmt::format_to(std::back_inserter(names), "{}{}", names.empty() ? "" : ", ", known.name);
  return names;
}

} // namespace

bool strikes_after_processing(fault_kind kind) noexcept {
  return kind >= fault_kind::status_500;
}

bool fault_plan::occasion::hits(std::uint64_t n) {
  return probability ? random.unit() < *probability : n >= first && n <= last;
}

/// Adds the rule that `text` is; says what is wrong with it.
std::optional<failure> fault_plan::add(std::string_view text, random_source random) {
  constexpr std::string_view all = "all/";
  const bool every_request = text.starts_with(all);
  const std::string_view body = every_request ? text.substr(all.size()) : text;
  const auto mark = body.find_first_of("@:");
  if (mark == std::string_view::npos)
    return bad_rule(text, "after what goes wrong comes @N, @N-M, @N- or :P; only retry-after stands alone");

  const auto what = fault_from_string(body.substr(0, mark));
  if (!what) return bad_rule(text, "it has to begin with a status from 300 to 599, or with " + all_names());

  const std::string_view where = body.substr(mark + 1);
  occasion when{0, 0, std::nullopt, random};
  if (body[mark] == ':') {
    when.probability = number<double>(where);
    if (!when.probability || !(*when.probability >= 0 && *when.probability <= 1)) // NaN is neither
      return bad_rule(text, "the probability after : has to be a number from 0 to 1");
  } else {
    const auto hits = range_from_string(where);
    if (!hits) return bad_rule(text, "after @ comes N, N-M or N-, counted from 1, with M no less than N");
    when.first = hits->first;
    when.last = hits->last;
  }

  if (const auto* of_request = std::get_if<fault>(&*what)) {
    request_rules_.push_back({*of_request, every_request, when});
    return std::nullopt;
  }
  if (every_request) return bad_rule(text, "it strikes connections, which are counted all alike; leave out all/");
  connection_rules_.push_back({std::get<connection_fault>(*what), when});
  return std::nullopt;
}

result<fault_plan> fault_plan::parse(std::string_view spec, std::uint64_t seed) {
  fault_plan plan;
  random_source random(seed);
  while (!spec.empty()) {
    const auto comma = spec.find(',');
    const std::string_view text = spec.substr(0, comma);
    if (text == "retry-after")
      plan.retry_after_ = true;
    else if (auto bad = plan.add(text, random.fork()))
      return *bad;
    if (comma == std::string_view::npos) break;
    spec.remove_prefix(comma + 1);
    if (spec.empty()) return bad_rule("", "a comma comes before it and nothing after");
  }
  return plan;
}

std::optional<fault> fault_plan::next(bool is_create) {
  ++requests_;
  if (is_create) ++creates_;
  std::optional<fault> hit;
  for (auto& rule : request_rules_) {
    if (!is_create && !rule.every_request) continue;
    // Every rule is asked, whether an earlier one has hit or not, so that what it draws does not depend on others.
    const bool hits = rule.when.hits(rule.every_request ? requests_ : creates_);
    if (hits && !hit) hit = rule.what;
  }
  return hit;
}

std::optional<connection_fault> fault_plan::next_connection() {
  ++connections_;
  std::optional<connection_fault> hit;
  for (auto& rule : connection_rules_) {
    const bool hits = rule.when.hits(connections_);
    if (hits && !hit) hit = rule.what;
  }
  return hit;
}

std::string fault_help() {
  std::string text;
  std::string_view title;
  for (const auto& known : named_faults) {
    const auto* of_request = std::get_if<fault>(&known.what);
    std::string_view group = "Of a connection, counted by connections; no job is accepted:";
    if (of_request != nullptr)
      group = strikes_after_processing(of_request->kind) ? "After a request was processed, so its job is accepted:"
                                                         : "In place of processing a request; no job is accepted:";
    if (group != title) fmt::format_to(std::back_inserter(text), "  {}\n", title = group);
    fmt::format_to(std::back_inserter(text), "    {:<17}{}\n", known.name, known.meaning);
  }
  return text;
}

} // namespace mcbatch::sandbox
