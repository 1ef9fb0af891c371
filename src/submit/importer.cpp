#include <mcbatch/submit/importer.hpp>

#include <utility>

namespace mcbatch::submit {
namespace {

constexpr std::size_t batch_entries = 512;
constexpr std::size_t batch_bytes = 1 << 20;

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

/// Entries on their way to the ledger, and what became of them there.
struct importer::batch {
  std::string manifest;
  std::vector<manifest::item> items;
  std::size_t bytes = 0;
  bool last = false; // of its manifest, which was read to its end
  batch_report report;

  void run(ledger::store& store);

private:
  void import(ledger::store& store, std::uint32_t id, const manifest::entry& e);
  void import(ledger::store& store, std::uint32_t id, const manifest::bad_entry& e);
};

void importer::batch::run(ledger::store& store) {
  const auto id = store.manifest(manifest);
  for (const auto& item : items)
    std::visit([&](const auto& entry) { import(store, id, entry); }, item);
  if (last) store.finish_manifest(id);
}

void importer::batch::import(ledger::store& store, std::uint32_t id, const manifest::entry& e) {
  const auto result = store.import({e.key, e.content, e.body, e.own_size, id, e.line});
  count(report.counts, result.kind);
  if (result.kind == ledger::import_kind::conflict)
    report.problems.push_back({manifest, e.line, "",
                               "has the key of line " + std::to_string(result.first_line) +
                                   " and other content; only the first is submitted"});
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

importer::importer(std::vector<manifest_input> inputs, manifest::options options, ledger::writer& writer,
                   callbacks calls, ledger::completion_executor on)
    : inputs_(std::move(inputs)), options_(std::move(options)), writer_(writer), calls_(std::move(calls)),
      on_(std::move(on)), thread_([this] { run(); }) {}

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
  ended_ = true;
  // After every batch, so that the end is told last.
  const auto done = [end = calls_.end, broken](const result<void>&) { end(broken); };
  writer_.post_bounded(
      0, [](ledger::store&) {}, done, on_);
}

std::optional<failure> importer::read(manifest_input& input) {
  if (!input.opened) {
    auto opened = manifest::reader::open(input.name, options_);
    if (!opened) return opened.error();
    input.opened = std::move(*opened);
  }
  batch_ = std::make_shared<batch>();
  batch_->manifest = input.name;
  while (!stop_) {
    auto item = input.opened->next();
    if (!item) {
      post_batch(); // what came before the break is good
      return item.error();
    }
    batch_->last = !item->has_value();
    if (!batch_->last) {
      const auto* valid = std::get_if<manifest::entry>(&**item);
      batch_->bytes += valid ? valid->body.size() : std::get<manifest::bad_entry>(**item).text.size();
      batch_->items.push_back(std::move(**item));
    }
    const bool full = batch_->items.size() >= batch_entries || batch_->bytes >= batch_bytes;
    const bool was_last = batch_->last;
    if ((full || was_last) && !post_batch()) stop_ = true;
    if (was_last) break;
  }
  return std::nullopt;
}

bool importer::post_batch() {
  auto full = std::exchange(batch_, std::make_shared<batch>());
  batch_->manifest = full->manifest;
  const auto work = [full](ledger::store& store) { full->run(store); };
  const auto done = [full, tell = calls_.batch](const result<void>& committed) {
    if (committed) tell(std::move(full->report));
  };
  return writer_.post_bounded(full->bytes + full->items.size() * sizeof(manifest::item), work, done, on_);
}

} // namespace mcbatch::submit
