#ifndef MCBATCH_SUBMIT_IMPORTER_HPP
#define MCBATCH_SUBMIT_IMPORTER_HPP

#include <mcbatch/core/error.hpp>
#include <mcbatch/ledger/writer.hpp>
#include <mcbatch/manifest/reader.hpp>
#include <mcbatch/submit/observer.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace mcbatch::submit {

/// A manifest to read: its name, and its reader where it was opened already. Standard input is opened by the importer's
/// thread, since its first byte may be hours away.
struct manifest_input {
  std::string name;
  std::optional<manifest::reader> opened;
};

/// Reads manifests on a thread of its own and hands their entries to the ledger in batches.
class importer {
public:
  struct batch_report {
    import_counts counts;
    std::vector<manifest_problem> problems;
  };
  /// Called on the other side, in order: a report for each batch once it is committed, then the end: nothing, or why a
  /// manifest could not be read to its end. Where the ledger fails, neither may come: the writer's other users are
  /// told.
  struct callbacks {
    std::function<void(batch_report)> batch;
    std::function<void(std::optional<failure>)> end;
  };

  /// Starts reading. `on` runs the callbacks on the caller's side; the writer and whatever `on` posts to must outlive
  /// the importer's thread.
  importer(std::vector<manifest_input> inputs, manifest::options options, ledger::writer& writer, callbacks calls,
           ledger::completion_executor on);

  /// Waits for the thread. After `stop` it ends at the next entry; only a read of standard input may block for longer.
  ~importer();

  /// Reads no further. Any thread.
  void stop() { stop_ = true; }

  /// Whether the thread is past its last read. Any thread.
  [[nodiscard]] bool ended() const { return ended_; }

private:
  void run();
  std::optional<failure> read(manifest_input& input);
  bool post_batch();

  struct batch;

  std::vector<manifest_input> inputs_;
  manifest::options options_;
  ledger::writer& writer_;
  callbacks calls_;
  ledger::completion_executor on_;
  std::atomic<bool> stop_{false}, ended_{false};
  std::shared_ptr<batch> batch_;
  std::thread thread_;
};

} // namespace mcbatch::submit

#endif
