#include "sandbox/transmission.hpp"

#include <boost/beast/http/status.hpp>
#include <fmt/format.h>

#include <chrono>
#include <iterator>
#include <string_view>

namespace mcbatch::sandbox {

namespace {

using namespace std::chrono_literals;

constexpr auto chunked = "Transfer-Encoding: chunked\r\n";
constexpr std::string_view last_chunk = "0\r\n\r\n";

/// The status line and the fields of `answer`, without those that frame its body.
std::string head_of(const reply& answer) {
  namespace http = boost::beast::http;
  const auto reason = http::obsolete_reason(http::int_to_status(static_cast<unsigned>(answer.status)));
  std::string out = fmt::format("HTTP/1.1 {} {}\r\n", answer.status, std::string_view(reason.data(), reason.size()));
  for (const header& field : answer.fields)
    fmt::format_to(std::back_inserter(out), "{}: {}\r\n", field.name, field.value);
  return out;
}

std::string length_field(std::size_t length) {
  return fmt::format("Content-Length: {}\r\n", length);
}

std::string connection_field(bool keep_alive) {
  return fmt::format("Connection: {}\r\n", keep_alive ? "keep-alive" : "close");
}

/// `part` as a chunk (RFC 9112, section 7.1).
std::string chunk(std::string_view part) {
  return fmt::format("{:x}\r\n{}\r\n", part.size(), part);
}

std::string repeated(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i)
    out += text;
  return out;
}

/// A whole answer that nobody asked for; its job is in no journal.
std::string unasked_answer() {
  const reply answer{201, {}, R"({"id":"job_unasked","status":"pending"})"};
  return head_of(answer) + length_field(answer.body.size()) + "\r\n" + answer.body;
}

} // namespace

transmission transmission_of(const handled& h, bool keep_alive) {
  const auto& body = h.answer.body;
  const auto half = body.size() / 2;
  const auto head = head_of(h.answer);
  const auto connection = connection_field(keep_alive);
  const auto fields = head + length_field(body.size()) + connection + "\r\n";
  const auto whole = fields + body;
  const auto end = keep_alive ? ending::keep : ending::part;

  switch (h.how) {
  case delivery::whole:
    break;
  case delivery::drop:
    return {"", ending::cut, {}, ""};
  case delivery::reset:
    return {"", ending::reset, {}, ""};
  case delivery::truncated:
    // All of the head, so that a client which believes a status line before the answer's end is found out.
    return {fields + body.substr(0, half), ending::cut, {}, ""};
  case delivery::hang:
    return {"", ending::hang, {}, ""};
  case delivery::slow:
    return {whole, end, 100ms, ""};
  case delivery::long_length:
    return {head + length_field(body.size() + 1) + connection + "\r\n" + body, end, {}, ""};
  case delivery::short_length:
    return {head + length_field(half) + connection + "\r\n" + body, end, {}, ""};
  case delivery::bad_chunks:
    return {head + chunked + connection + "\r\n" + chunk(body.substr(0, half)) + "size\r\n", end, {}, ""};
  case delivery::both_framings:
    return {head + length_field(body.size()) + chunked + connection + "\r\n" + chunk(body) + std::string(last_chunk),
            end,
            {},
            ""};
  case delivery::endless_headers:
    return {head, end, {}, repeated("X-Endless: and another field\r\n", 500)};
  case delivery::interim_flood:
    return {"", end, {}, repeated("HTTP/1.1 102 Processing\r\n\r\n", 500)};
  case delivery::surplus:
    return {whole + unasked_answer(), end, {}, ""};
  case delivery::early_close:
    return {whole, ending::notify, {}, ""};
  case delivery::no_close_notify:
    return {whole, ending::cut, {}, ""};
  case delivery::close_delimited:
    return {head + connection_field(false) + "\r\n" + body, ending::cut, {}, ""};
  }
  return {whole, end, {}, ""};
}

} // namespace mcbatch::sandbox
