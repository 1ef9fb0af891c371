#include "whole_runs/checker.hpp"

#include "whole_runs/program.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace mcbatch::whole_runs {

checker::records checker::read(const std::filesystem::path& path) {
  records all;
  if (!std::filesystem::exists(path)) return all;
  auto opened = ledger::reading::open(path);
  if (!opened) {
    fail("the ledger cannot be read: " + opened.error().what);
    return all;
  }
  const auto done = opened->for_each({}, [&](const ledger::record& r) {
    const std::string url = nlohmann::json::parse(r.body)["output_url"];
    if (!all.emplace(url, r).second) fail(url + " is in the ledger twice");
    return true;
  });
  if (!done) fail("the ledger cannot be read to its end: " + done.error().what);
  return all;
}

void checker::user_retries_in_doubt(const std::filesystem::path& path) {
  for (const auto& [url, record] : read(path))
    if (record.state == job_state::in_doubt || record.state == job_state::sending) ++retried_[url];
}

void checker::look(const std::filesystem::path& path) {
  const auto all = read(path);
  in_doubt_ = static_cast<std::uint64_t>(
      std::ranges::count_if(all, [](const auto& entry) { return entry.second.state == job_state::in_doubt; }));
  if (all_known_ && all.size() != jobs_) fail("the ledger knows " + std::to_string(all.size()) + " jobs");
  for (std::uint64_t n = 1; n <= jobs_; ++n) {
    const auto known = all.find(output_url(n));
    check_job(output_url(n), known == all.end() ? nullptr : &known->second);
  }
  check_keys();
  if (service_.over_the_limit() > 0)
    fail(std::to_string(service_.over_the_limit()) + " requests were more than the limit allows");
}

void checker::check_job(const std::string& url, const ledger::record* known) {
  const auto [first, last] = service_.journal().equal_range(url);
  const auto accepted = static_cast<std::uint64_t>(std::distance(first, last));
  if (known == nullptr) {
    if (accepted > 0) fail(url + " was accepted, and the ledger does not know it");
    return;
  }
  const auto state = known->state;
  const auto wanted_again = retried_.contains(url) ? retried_.at(url) : 0;
  if (accepted > 1 + wanted_again && !may_double_) fail(url + " was accepted " + std::to_string(accepted) + " times");
  const auto is_its = [&](const auto& entry) { return entry.second.id == known->job_id; };
  if (state == job_state::submitted && std::none_of(first, last, is_its))
    fail(url + " is submitted as " + known->job_id + ", which the service did not accept");
  const bool may_be_pending = wanted_again > 0 || may_double_;
  const bool lost = state == job_state::rejected || state == job_state::expired || state == job_state::invalid ||
                    (state == job_state::pending && !may_be_pending);
  if (accepted > 0 && lost) fail(url + " was accepted, and is " + std::string(to_string(state)));
  if (state != job_state::submitted && known->key && told_submitted_.contains(*known->key))
    fail(url + " was said to be submitted, and is " + std::string(to_string(state)));
  // What nobody was told of, and a loss of power took back, may come to be in doubt and be sent again.
  if (state == job_state::submitted && submitted_.contains(url) && submitted_.at(url) != known->job_id &&
      !may_be_pending)
    fail(url + " was submitted as " + submitted_.at(url) + ", and is now as " + known->job_id);
  if (state == job_state::submitted) submitted_.insert_or_assign(url, known->job_id);
}

/// One job, one Idempotency-Key.
void checker::check_keys() {
  std::map<std::string, std::string> key_of, url_of;
  for (const auto& [url, job] : service_.journal()) {
    const auto& key = job.idempotency_key;
    if (key_of.emplace(url, key).first->second != key) fail(url + " went out with two Idempotency-Keys");
    if (url_of.emplace(key, url).first->second != url) fail(url + " has the Idempotency-Key of another job");
  }
}

void checker::look_at_the_end(const std::filesystem::path& path) {
  for (const auto& [url, record] : read(path))
    if (record.state == job_state::pending || record.state == job_state::sending)
      fail(url + " is " + std::string(to_string(record.state)) + " at the end");
}

} // namespace mcbatch::whole_runs
