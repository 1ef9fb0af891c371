#include <mcbatch/submit/importer.hpp>

#include <utility>

namespace mcbatch::submit {
namespace {

constexpr std::size_t batch_entries = 512;
constexpr std::size_t batch_bytes = 1 << 20;

bool is_queued(ledger::import_kind kind) {
  return kind == ledger::import_kind::fresh || kind == ledger::import_kind::requeued ||
         kind == ledger::import_kind::resubmitted;
}

void count(import_counts& counts, ledger::import_kind kind) {
  ++counts.read;
  switch (kind) {
  case ledger::import_kind::fresh:
  case ledger::import_kind::requeued:
  case ledger::import_kind::resubmitted:
    ++counts.queued;
    return;
  case ledger::import_kind::skipped:
    ++counts.skipped;
    return;
  case ledger::import_kind::left:
    ++counts.left;
    return;
  case ledger::import_kind::duplicate:
    ++counts.duplicate;
    return;
  case ledger::import_kind::conflict:
    ++counts.invalid;
    return;
  }
}

} // namespace

import_counts& import_counts::operator+=(const import_counts& other) {
  read += other.read;
  queued += other.queued;
  skipped += other.skipped;
  left += other.left;
  duplicate += other.duplicate;
  invalid += other.invalid;
  return *this;
}

temporary_urls& temporary_urls::operator+=(const temporary_urls& later) {
  if (jobs == 0) {
    *this = later;
  } else {
    jobs += later.jobs;
  }
  return *this;
}

/// Entries on their way to the ledger, and what became of them there.
struct importer::batch {
  std::string manifest;
  std::vector<manifest::item> items;
  std::size_t bytes = 0;
  bool last = false; // of its manifest, which was read to its end
  batch_report report;

  void add(manifest::item item);
  [[nodiscard]] bool is_full() const { return items.size() >= batch_entries || bytes >= batch_bytes; }
  void run(ledger::store& store);

private:
  void import(ledger::store& store, std::uint32_t id, const manifest::entry& e);
  void import(ledger::store& store, std::uint32_t id, const manifest::bad_entry& e);
};

void importer::batch::add(manifest::item item) {
  const auto* valid = std::get_if<manifest::entry>(&item);
  bytes += sizeof item + (valid ? valid->body.size() : std::get<manifest::bad_entry>(item).text.size());
  items.push_back(std::move(item));
}

void importer::batch::run(ledger::store& store) {
  const auto id = store.manifest(manifest);
  for (const auto& item : items)
    std::visit([&](const auto& entry) { import(store, id, entry); }, item);
  if (last) store.finish_manifest(id);
  items = {}; // here, and not where the report goes
}

void importer::batch::import(ledger::store& store, std::uint32_t id, const manifest::entry& e) {
  const auto result = store.import({e.key, e.content, e.body, id, e.line, e.own_size, e.expires_at, e.job_type});
  count(report.counts, result.kind);
  if (e.temporary && is_queued(result.kind)) report.temporary += {1, manifest, e.line};
  if (result.kind != ledger::import_kind::conflict) return;
  const auto message = "has the key of an entry that was read before, in line " + std::to_string(result.first_line) +
                       ", and other content; only the first is submitted";
  const ledger::bad_field problem{"", message};
  store.import_bad({id, e.line, e.body, {&problem, 1}});
  report.problems.push_back({manifest, e.line, "", message});
}

void importer::batch::import(ledger::store& store, std::uint32_t id, const manifest::bad_entry& e) {
  std::vector<ledger::bad_field> fields;
  for (const auto& p : e.problems) {
    fields.push_back({p.field, p.message});
    report.problems.push_back({manifest, p.line, p.field, p.message});
  }
  store.import_bad({id, e.problems.front().line, e.text, fields});
  ++report.counts.read;
  ++report.counts.invalid;
}

importer::importer(std::vector<manifest_input> inputs, ledger::writer& writer, callbacks calls)
    : inputs_(std::move(inputs)), writer_(writer), calls_(std::move(calls)), thread_([this] { run(); }) {}

importer::~importer() {
  stop();
  thread_.join();
}

void importer::run() {
  std::optional<failure> broken;
  for (auto& input : inputs_) {
    broken = read(input);
    if (broken || stop_) break;
  }
  const auto nothing = [](ledger::store&) {};
  const auto end = [tell = calls_.end, broken](const result<void>&) { tell(broken); };
  // Behind every batch, so that the end is told last; a writer that has failed takes no more of those.
  if (!writer_.post_bounded(0, nothing, end)) writer_.post(nothing, end);
}

std::optional<failure> importer::read(manifest_input& input) {
  batch_ = std::make_shared<batch>();
  batch_->manifest = input.name;
  // A producer may be slow: what it has written so far goes out before its next line is waited for.
  input.reading.while_waiting = [this] { return (batch_->items.empty() || post_batch()) && !stop_; };
  input.reading.stop_asked = [this] { return stop_.load(); };
  auto reader = manifest::reader::open(input.name, input.reading);
  if (!reader) return reader.error().code == errc::stopped ? std::nullopt : std::optional(reader.error());
  while (!stop_) {
    auto item = reader->next();
    if (!item && item.error().code == errc::stopped) break;
    if (!item) {
      post_batch(); // what came before the break is good
      return item.error();
    }
    if (item->has_value())
      batch_->add(std::move(**item));
    else
      batch_->last = true;
    const bool ends = batch_->last;
    if ((ends || batch_->is_full()) && !post_batch()) stop_ = true;
    if (ends) break;
  }
  return std::nullopt;
}

bool importer::post_batch() {
  auto full = std::exchange(batch_, std::make_shared<batch>());
  batch_->manifest = full->manifest;
  const auto work = [full, first = std::exchange(calls_.first, {})](ledger::store& store) {
    if (first) first(store);
    full->run(store);
  };
  const auto done = [full, calls = calls_](const result<void>& committed) {
    committed ? calls.batch(std::move(full->report)) : calls.failed(committed.error());
  };
  return writer_.post_bounded(full->bytes, work, done);
}

} // namespace mcbatch::submit
