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

/// A manifest to read: its name, "-" for standard input, and how.
struct manifest_input {
  std::string name;
  manifest::options reading;
};

/// Jobs to be sent whose URLs were signed with credentials that may end before the URLs do.
struct temporary_urls {
  std::uint64_t jobs = 0;
  std::string manifest; ///< of the first
  std::uint64_t line = 0;

  temporary_urls& operator+=(const temporary_urls& later);
};

/// Reads manifests on a thread of its own and hands their entries to the ledger in batches.
class importer {
public:
  struct batch_report {
    import_counts counts;
    std::vector<manifest_problem> problems;
    temporary_urls temporary;
  };
  /// A report for each batch once it is committed, or the failure of the ledger in its place;
  /// after them the end, always (where the ledger has failed,
  /// those of batches that were still waiting may come behind it): nothing, or why a manifest could not be read to its
  /// end.
  struct callbacks {
    std::function<void(batch_report)> batch;
    std::function<void(const failure&)> failed;
    std::function<void(std::optional<failure>)> end;
    /// Called on the ledger's side, within the commit of the first batch: what should not wait for a commit of its own.
    ledger::writer::work first = {};
  };

  /// Starts reading. The callbacks run where the writer's completions do. The writer must outlive the importer.
  importer(std::vector<manifest_input> inputs, ledger::writer& writer, callbacks calls);

  /// Stops, and waits for the thread: a tenth of a second at most for one that waits for input.
  ~importer();

  /// Reads no further. Any thread.
  void stop() { stop_ = true; }

private:
  void run();
  std::optional<failure> read(manifest_input& input);
  bool post_batch();

  struct batch;

  std::vector<manifest_input> inputs_;
  ledger::writer& writer_;
  callbacks calls_;
  std::atomic<bool> stop_{false};
  std::shared_ptr<batch> batch_;
  std::thread thread_;
};

} // namespace mcbatch::submit

#endif
