#include <mcbatch/report/export.hpp>

#include <mcbatch/core/printable.hpp>
#include <mcbatch/core/redact.hpp>
#include <mcbatch/core/text.hpp>
#include <mcbatch/manifest/url.hpp>

#include <nlohmann/json.hpp>
#include <simdjson.h>

#include <algorithm>
#include <array>

namespace mcbatch::report {
namespace {

using json = nlohmann::ordered_json;

constexpr std::array columns{"key",
                             "manifest",
                             "line",
                             "state",
                             "job_id",
                             "http_status",
                             "error",
                             "message",
                             "attempts",
                             "submitted_at",
                             "estimated_cost_micros",
                             "input_url",
                             "output_url",
                             "job_type",
                             "conversion",
                             "progress_percent",
                             "final_cost_micros",
                             "processing_s",
                             "output_bytes",
                             "conversion_error",
                             "conversion_message",
                             "ended_at"};

/// The entry's URLs as people may see them; null where the entry has none that can be read.
void add_urls(json& row, const std::string& body) {
  // On-Demand must not be asked for a second member once it has failed at the first.
  static thread_local simdjson::dom::parser parser;
  simdjson::dom::element entry;
  const bool readable = parser.parse(body).get(entry) == simdjson::SUCCESS;
  for (const auto* name : {"input_url", "output_url"}) {
    std::string_view url;
    const bool found = readable && entry[name].get(url) == simdjson::SUCCESS;
    row[name] = found ? json(redact(manifest::redact_url(url))) : json();
  }
}

template <class T>
json or_null(const std::optional<T>& value) {
  return value ? json(*value) : json();
}

json text_or_null(const std::string& text) {
  return text.empty() ? json() : json(text);
}

/// A submitted job of which nothing was heard since is pending there.
void add_conversion(json& row, const ledger::record& r) {
  const auto c = r.conversion.value_or(conversion{});
  row["conversion"] = r.state == job_state::submitted ? json(to_string(c.state)) : json();
  row["progress_percent"] = or_null(c.progress_percent);
  row["final_cost_micros"] = or_null(c.cost_micros);
  row["processing_s"] = c.processing_time ? json(c.processing_time->count()) : json();
  row["output_bytes"] = or_null(c.output_bytes);
  row["conversion_error"] = text_or_null(c.error);
  row["conversion_message"] = text_or_null(c.message);
  row["ended_at"] = c.ended_at ? json(format_time(*c.ended_at)) : json();
}

json row_of(const ledger::record& r) {
  json row;
  row["key"] = r.key ? json(to_hex(*r.key)) : json();
  row["manifest"] = r.manifest;
  row["line"] = r.line;
  row["state"] = to_string(r.state);
  row["job_id"] = text_or_null(r.job_id);
  row["http_status"] = r.http_status != 0 ? json(r.http_status) : json();
  row["error"] = text_or_null(r.error);
  row["message"] = text_or_null(r.message);
  row["attempts"] = r.attempts;
  row["submitted_at"] = r.submitted_at ? json(format_time(*r.submitted_at)) : json();
  row["estimated_cost_micros"] = or_null(r.estimated_cost_micros);
  add_urls(row, r.body);
  row["job_type"] = text_or_null(r.job_type);
  add_conversion(row, r);
  return row;
}

/// What spreadsheets take for the beginning of a formula; some pass over spaces before it. Tabs and line ends, which
/// count as well, are written out and so lead no cell.
bool is_formula(std::string_view cell) {
  const auto first = cell.find_first_not_of(' ');
  return first != std::string_view::npos && std::string_view("=+-@").find(cell[first]) != std::string_view::npos;
}

/// RFC 4180, section 2. Text that a spreadsheet would take for a formula is led by a quote mark; numbers are not.
std::string csv_cell(const json& value) {
  if (value.is_null()) return {};
  if (!value.is_string()) return value.dump();
  auto text = printable(value.get<std::string>());
  if (is_formula(text)) text.insert(0, 1, '\'');
  if (text.find_first_of(",\"") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const auto c : text)
    quoted.append(c == '"' ? 2 : 1, c);
  return quoted + '"';
}

} // namespace

std::string export_csv_header() {
  std::string line;
  for (const auto* name : columns)
    line.append(line.empty() ? "" : ",").append(name);
  return line + "\r\n";
}

std::string export_jsonl(const ledger::record& r) {
  return printable_json(row_of(r).dump(-1, ' ', false, json::error_handler_t::replace)) + '\n';
}

std::string export_csv(const ledger::record& r) {
  const auto row = row_of(r);
  std::string line;
  for (const auto* name : columns)
    line.append(line.empty() && name == columns.front() ? "" : ",").append(csv_cell(row[name]));
  return line + "\r\n";
}

std::string export_entry(const ledger::record& r) {
  // Raw line ends stand only between JSON's tokens, where a space serves as well.
  auto line = r.own_size == 0 ? r.body : r.body.substr(0, r.own_size) + '}';
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return line + '\n';
}

} // namespace mcbatch::report
