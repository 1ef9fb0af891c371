#include "manifest/csv_splitter.hpp"
#include "manifest/check.hpp"
#include "manifest/json_text.hpp"
#include "manifest/sentence.hpp"

#include <algorithm>
#include <cctype>

namespace mcbatch::manifest {
namespace {

constexpr std::string_view json_suffix = ":json";

/// Splits the record at the front of `in`, reading on while that helps. No more is looked at than an entry may have and
/// one byte, however much was read: what is longer is judged as if nothing followed, so that its broken quote is found.
result<void> read_record(window& in, csv_record& record) {
  for (;;) {
    const auto data = in.data().substr(0, in.entry_limit() + 1);
    split_record(data, in.at_end() || in.over_limit(), record);
    if (record.found != csv_record::state::wants_more) return {};
    if (auto more = in.fill(); !more) return more.error();
  }
}

column make_column(std::string_view heading) {
  column c;
  c.name = heading;
  if (heading.ends_with(json_suffix)) {
    c.name.resize(heading.size() - json_suffix.size());
    c.holds = column::content::json;
  } else if (heading == "input_size_bytes") {
    c.holds = column::content::size;
  }
  append_json_string(c.member, c.name);
  c.member += ':';
  return c;
}

std::vector<column> make_columns(const csv_record& header) {
  std::vector<column> columns;
  std::string buffer;
  for (const auto& heading : header.cells)
    columns.push_back(make_column(heading.text(buffer)));
  return columns;
}

bool names_required_field(const std::vector<column>& columns) {
  return std::any_of(columns.begin(), columns.end(), [](const column& c) {
    return std::find(required_fields.begin(), required_fields.end(), c.name) != required_fields.end();
  });
}

/// What makes a header useless; empty if nothing does.
std::string header_fault(const csv_record& record, const std::vector<column>& columns, std::size_t most) {
  if (record.length > most) return "its header is longer than 1 MiB";
  if (record.found != csv_record::state::whole) return "the header has a quote that is out of place";
  if (!names_required_field(columns)) return "its header names none of input_url, output_url, job_type, ...";
  for (auto c = columns.begin(); c != columns.end(); ++c) {
    if (c->name.find('\r') != std::string::npos)
      return "the header has a carriage return in it: convert line ends that are carriage returns alone";
    if (c->name.empty()) return "column " + std::to_string(c - columns.begin() + 1) + " of the header has no name";
    if (std::any_of(columns.begin(), c, [&](const column& other) { return other.name == c->name; }))
      return "the header names the column " + quoted(c->name) + " twice";
  }
  return {};
}

std::string fault_sentence(csv_record::state found, bool at_end) {
  if (found == csv_record::state::never_closed)
    return std::string("a quote opens on this line and does not close") +
           (at_end ? "" : " within 1 MiB, the most that an entry may have") + ": write a quote inside of a cell twice";
  if (found == csv_record::state::text_after)
    return "text follows the closing quote of a cell: write a quote inside of a cell twice";
  return "a cell that does not begin with a quote has one in it: put the cell in quotes and write that quote twice";
}

} // namespace

result<bool> looks_like_csv(window& in) {
  csv_record record;
  if (auto read = read_record(in, record); !read) return read.error();
  return record.found == csv_record::state::whole && names_required_field(make_columns(record));
}

result<std::unique_ptr<splitter>> csv_splitter::open(window& in) {
  csv_record record;
  if (auto read = read_record(in, record); !read) return read.error();
  auto columns = make_columns(record);
  if (auto fault = header_fault(record, columns, in.entry_limit()); !fault.empty())
    return failure{errc::unusable_input, std::move(fault)};
  in.consume(record.length);
  return std::make_unique<csv_splitter>(in, std::move(columns));
}

bool csv_splitter::skip_line_end() {
  const auto data = in_.data();
  const std::size_t n = data.starts_with('\n') ? 1 : data.starts_with("\r\n") ? 2 : 0;
  in_.consume(n);
  return n > 0;
}

result<std::optional<draft>> csv_splitter::next() {
  in_.consume(std::exchange(taken_, 0));
  for (;;) {
    if (skip_line_end()) continue;
    if (in_.data().size() > 1 || in_.at_end()) break;
    if (auto more = in_.fill(); !more) return more.error();
  }
  if (in_.data().empty()) return std::nullopt;
  if (auto read = read_record(in_, record_); !read) return read.error();
  if (record_.found != csv_record::state::whole) return broken();
  if (record_.length > in_.entry_limit()) return skip_long_line(in_, kept_, record_.length - 1);
  taken_ = record_.length;
  return row();
}

result<std::optional<draft>> csv_splitter::broken() {
  const auto newline = [&] { return in_.data().find('\n', record_.fault_at); };
  while (newline() == std::string_view::npos && !in_.over_limit() && !in_.at_end())
    if (auto more = in_.fill(); !more) return more.error();

  const auto length = std::min(newline(), in_.data().size());
  if (length > in_.entry_limit()) return skip_long_line(in_, kept_, record_.fault_at);
  taken_ = std::min(length + 1, in_.data().size());
  const auto text = in_.data().substr(0, taken_);
  const auto before = text.substr(0, record_.fault_at);
  const auto line = in_.line() + static_cast<std::uint64_t>(std::count(before.begin(), before.end(), '\n'));
  return faulty(line, text, fault_sentence(record_.found, in_.at_end() && !in_.over_limit()));
}

draft csv_splitter::row() {
  const auto text = in_.data().substr(0, record_.length);
  if (record_.cells.size() != columns_.size())
    return faulty(in_.line(), text,
                  "the row has " + std::to_string(record_.cells.size()) + " cells and the header " +
                      std::to_string(columns_.size()));
  draft d{in_.line(), text, {}, {}, 0};
  d.body.reserve(2 * text.size());
  d.body = "{";
  for (std::size_t i = 0; i < columns_.size(); ++i)
    append_cell(d, columns_[i], record_.cells[i]);
  d.body += '}';
  return d;
}

void csv_splitter::append_cell(draft& d, const column& col, const cell& c) {
  const auto text = c.text(buffer_);
  if (text.empty()) return;
  if (col.holds == column::content::json && !json_.is_value(text))
    return report(d.problems, d.line, col.name,
                  "the cell of column " + quoted(col.name + ":json") + " is no JSON value");
  if (col.holds == column::content::size && !is_whole_number(text))
    return report(d.problems, d.line, col.name,
                  "input_size_bytes must be a whole number of bytes, 0 or more, not " + quoted(text));
  if (d.body.size() > 1) d.body += ',';
  d.body += col.member;
  if (col.holds == column::content::text)
    append_json_string(d.body, text);
  else
    d.body += text;
}

} // namespace mcbatch::manifest
