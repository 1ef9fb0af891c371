#include "whole_runs/service_side.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace mcbatch::whole_runs {
namespace {

/// By Content-Length, in chunks, or until the connection closes.
std::string to_bytes(const reply& answer, random_source& chance) {
  const auto framing = chance.unit();
  std::string bytes = "HTTP/1.1 " + std::to_string(answer.status) + " Said\r\n";
  for (const auto& f : answer.fields)
    bytes.append(f.name).append(": ").append(f.value).append("\r\n");
  if (framing < 0.6) return bytes + "Content-Length: " + std::to_string(answer.body.size()) + "\r\n\r\n" + answer.body;
  if (framing < 0.8) return bytes + "Connection: close\r\n\r\n" + answer.body;
  bytes += "Transfer-Encoding: chunked\r\n\r\n";
  constexpr std::size_t most = 64;
  for (std::size_t from = 0; from < answer.body.size(); from += most) {
    const auto chunk = answer.body.substr(from, most);
    constexpr std::string_view digits = "0123456789abcdef";
    if (chunk.size() > 15) bytes += digits[chunk.size() / 16];
    bytes += digits[chunk.size() % 16];
    bytes += "\r\n" + chunk + "\r\n";
  }
  return bytes + "0\r\n\r\n";
}

void replace(std::string& text, const std::string& what, const std::string& by) {
  if (const auto at = text.find(what); at != std::string::npos) text.replace(at, what.size(), by);
}

} // namespace

service_side::answer service_side::arrived(const request& r, now_pair now, bool same_id, random_source& chance) {
  answer a{service_.handle(r, now), {}};
  if (a.handled.journal_line) {
    const auto line = nlohmann::json::parse(*a.handled.journal_line);
    const std::string id = line["id"];
    accepted_job job{id, line["idempotency_key"]};
    if (same_id && !last_id_.empty()) {
      replace(a.handled.answer.body, id, last_id_);
      job.id = last_id_;
    }
    last_id_ = job.id;
    journal_.emplace(line["output_url"], job);
  }
  a.bytes = to_bytes(a.handled.answer, chance);
  return a;
}

} // namespace mcbatch::whole_runs
