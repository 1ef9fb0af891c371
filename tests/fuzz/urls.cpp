// Whatever a URL looks like: signing it anew does not make another job of it, and nobody is shown what signs it.
//
// The input is a URL, a line end, and parameters that are no secret.

#include "reading.hpp"

#include <mcbatch/api/classify.hpp>
#include <mcbatch/manifest/url.hpp>
#include <mcbatch/report/export.hpp>

#include <array>
#include <cctype>

using namespace mcbatch;
using manifest::entry;

namespace {

constexpr std::string_view canary = "5e11ca11ab1e5e11ca11ab1e";

/// How each vendor signs: parameters that change with each signing, "@" where a value does.
constexpr std::array<std::string_view, 7> schemes{
    "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=@&X-Amz-Date=20240115T103000Z&X-Amz-Expires=60&"
    "X-Amz-SignedHeaders=host&X-Amz-Signature=@",
    "x%2Damz-signature=@&x-amz-security-token=@",
    "AWSAccessKeyId=@&Expires=1705314600&Signature=@",
    "X-Goog-Algorithm=a&X-Goog-Credential=@&X-Goog-Date=20240115T103000Z&X-Goog-Expires=60&X-Goog-Signature=@",
    "GoogleAccessId=@&Expires=1705314600&Signature=@",
    "sv=2022-11-02&se=2024-01-15T10:30:00Z&sp=r&sig=@",
    "Expires=1705314600&Signature=@&Key-Pair-Id=@"};

std::string filled(std::string_view scheme, std::string_view value) {
  std::string out;
  for (const char c : scheme)
    c == '@' ? out += value : out += c;
  return out;
}

std::string json_of(const std::string& url) {
  return R"({"output_url":"s3://o/a","job_type":"v","input_format":"m","output_format":"w","input_url":)" +
         nlohmann::json(url).dump() + "}";
}

std::optional<job_key> key_of(const std::string& url) {
  const auto r = manifest::read(json_of(url), {.format = manifest::format::jsonl}, {.block = 65536, .entry = 65536});
  const auto* e = r.items.empty() ? nullptr : std::get_if<entry>(&r.items[0]);
  return e ? std::optional(e->key) : std::nullopt;
}

/// Whether parameters sign a URL already, or name what signs.
bool may_sign(std::string_view parameters) {
  std::string lower(parameters);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  return lower.find('%') != std::string::npos || holds(lower, "sig");
}

void check_keys(const std::string& base, const std::string& plain) {
  if (holds(base, "#") || holds(plain, "#")) return; // behind it nothing is signed
  const auto url = base + "?" + plain;
  const auto unsigned_key = key_of(url);
  if (!unsigned_key || std::tolower(base[0]) != 'h') return; // no valid URL, or none that is presigned
  const bool has_query = holds(base, "?");
  for (const auto scheme : schemes) {
    const auto once = key_of(url + "&" + filled(scheme, "one"));
    const auto again = key_of(url + "&" + filled(scheme, "another"));
    check(once && once == again, "signing a URL anew makes no other job", url);
    if (has_query || may_sign(plain) || plain.empty() || plain.front() == '&' || plain.back() == '&') continue;
    const auto first = key_of(base + "?" + filled(scheme, "other") + "&" + plain);
    check(first == once, "wherever it is signed", url);
  }
  check(may_sign(base + plain) || key_of(url + "&part=1") != unsigned_key, "what does not sign counts", url);
}

/// Parses one record of RFC 4180.
std::vector<std::string> cells_of(std::string_view line) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"') {
      cells.back() += line[++i];
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      cells.emplace_back();
    } else {
      cells.back() += c;
    }
  }
  check(!quoted, "a quote of CSV is closed", line);
  return cells;
}

void check_export(const std::string& url) {
  ledger::record r;
  r.manifest = "m";
  r.line = 1;
  r.message = url.substr(0, url.find_first_of("?#"));
  r.body = json_of(url);
  const auto line = report::export_jsonl(r);
  check(!holds(line, canary), "an export shows no signature", line);
  const auto row = nlohmann::json::parse(line, nullptr, false);
  check(row.is_object() && line.find('\n') == line.size() - 1, "an export is a line of JSON", line);
  const auto csv = report::export_csv(r);
  check(!holds(csv, canary), "nor one as CSV", csv);
  const auto cells = cells_of(std::string_view(csv).substr(0, csv.size() - 2));
  check(cells.size() == row.size(), "CSV has a cell for each member", csv);
  for (const auto& cell : cells)
    check(cell.empty() || !holds("=+-@\t\r", cell.substr(0, 1)), "no cell is a formula", csv);
  const auto entry = report::export_entry(r);
  check(entry == r.body + "\n", "a manifest gets its entry back", entry);
}

void check_shown_urls(const std::string& base, const std::string& plain) {
  for (const char* mark : {"?", "#", "?a#"}) {
    for (const auto scheme : schemes) {
      auto url = base;
      url.append(mark).append(plain).append("&").append(filled(scheme, canary));
      check(!holds(manifest::redact_url(url), canary), "a URL is shown without its signature", url);
      check_export(url);
    }
  }
  const auto userinfo = base.substr(0, base.find_first_of("/?#"));
  const auto url = "https://" + userinfo + std::string(canary) + "@" + base;
  check(!holds(manifest::redact_url(url), canary), "nor with a password", url);
}

/// What ends a word: a URL has it percent-encoded.
bool ends_word(char c) {
  return c <= ' ' || c > '~' || holds("\"'<>`", {&c, 1});
}

/// Where the service repeats a URL in what it says.
void check_messages(const std::string& base, const std::string& plain) {
  if (std::any_of(base.begin(), base.end(), ends_word) || std::any_of(plain.begin(), plain.end(), ends_word)) return;
  static const auto token = api::token::from("mc_test_t", "the test").value();
  for (const auto scheme : schemes) {
    const auto url = "https://h/" + base + "?" + plain + "&" + filled(scheme, canary);
    const nlohmann::json body{{"error", url}, {"message", "cannot fetch " + url + "."}};
    const auto text = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    for (const int status : {422, 200, 500}) {
      const auto o = api::classify_create(reply{status, {}, text}, token);
      check(!holds(o.error + o.message, canary), "no message shows a signature", o.message);
    }
    reply moved{307, {}, {}};
    moved.fields.add("Location", url);
    check(!holds(api::classify_create(moved, token).message, canary), "nor does a redirection", url);
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::string base(input.substr(0, input.find('\n')));
  const std::string plain(input.substr(std::min(base.size() + 1, input.size())));
  static_cast<void>(manifest::redact_url(base));
  static_cast<void>(manifest::presigned_until(base));
  static_cast<void>(manifest::has_temporary_credentials(base));
  if (holds(input, canary) || !simdjson::validate_utf8(input.data(), input.size())) return 0;
  check_keys(base, plain);
  check_shown_urls(base, plain);
  check_messages(base, plain);
  return 0;
}
