#include "manifest/csv_record.hpp"

#include <algorithm>

namespace mcbatch::manifest {
namespace {

constexpr auto npos = std::string_view::npos;

/// Splits one record, cell by cell. Each step returns whether to go on.
class record_splitter {
public:
  record_splitter(std::string_view data, bool last, csv_record& into) : data_(data), last_(last), into_(into) {}

  void run() {
    while (data_.substr(at_).starts_with('"') ? quoted_cell() : plain_cell()) {
    }
  }

private:
  bool stop(csv_record::state found, std::size_t where) {
    into_.found = found;
    into_.fault_at = where;
    return false;
  }

  bool out_of_data(csv_record::state at_last, std::size_t opened) {
    return stop(last_ ? at_last : csv_record::state::wants_more, opened);
  }

  bool quoted_cell() {
    const auto opened = at_++;
    cell c;
    for (;; at_ += 2) {
      at_ = data_.find('"', at_);
      if (at_ == npos) return out_of_data(csv_record::state::never_closed, opened);
      if (at_ + 1 == data_.size() && !last_) return stop(csv_record::state::wants_more, opened);
      if (!data_.substr(at_ + 1).starts_with('"')) break;
      c.has_quotes_in_it = true;
    }
    c.raw = data_.substr(opened + 1, at_ - opened - 1);
    into_.cells.push_back(c);
    ++at_;
    const auto rest = data_.substr(at_);
    if (rest == "\r" && !last_) return stop(csv_record::state::wants_more, opened);
    if (rest.starts_with("\r\n") || rest == "\r") ++at_;
    if (at_ == data_.size() || data_[at_] == ',' || data_[at_] == '\n') return delimiter();
    return stop(csv_record::state::text_after, opened);
  }

  bool plain_cell() {
    const auto begin = at_;
    at_ = std::min(data_.find_first_of(",\n\"", begin), data_.size());
    if (at_ == data_.size() && !last_) return stop(csv_record::state::wants_more, begin);
    if (at_ < data_.size() && data_[at_] == '"') return stop(csv_record::state::stray_quote, at_);
    auto raw = data_.substr(begin, at_ - begin);
    const bool at_line_end = at_ == data_.size() || data_[at_] == '\n';
    if (at_line_end && raw.ends_with('\r')) raw.remove_suffix(1);
    into_.cells.push_back({raw, false});
    return delimiter();
  }

  bool delimiter() {
    const bool at_comma = at_ < data_.size() && data_[at_] == ',';
    at_ = std::min(at_ + 1, data_.size());
    if (at_comma) return true;
    into_.length = at_;
    return stop(csv_record::state::whole, 0);
  }

  std::string_view data_;
  bool last_;
  csv_record& into_;
  std::size_t at_ = 0;
};

} // namespace

std::string_view cell::text(std::string& buffer) const {
  if (!has_quotes_in_it) return raw;
  buffer.clear();
  for (std::size_t at = 0; at < raw.size(); ++at) {
    buffer += raw[at];
    if (raw[at] == '"') ++at;
  }
  return buffer;
}

void split_record(std::string_view data, bool last, csv_record& into) {
  into.cells.clear();
  into.length = 0;
  record_splitter(data, last, into).run();
}

} // namespace mcbatch::manifest
