#include <mcbatch/sandbox/webhook_queue.hpp>

#include "sandbox/webhook_signature.hpp"

#include <utility>

namespace mcbatch::sandbox {

duration webhook_queue::add(webhook_job job) {
  const auto course = plan_.course_of(job.id, job.course);
  const auto shared = std::make_shared<const webhook_job>(std::move(job));
  for (const auto& event : course.events)
    entries_.push({shared->accepted + event.leaves, entered_++, shared, event, 0});
  return course.answer_held;
}

std::optional<instant> webhook_queue::next() const {
  return entries_.empty() ? std::nullopt : std::optional(entries_.top().leaves);
}

std::optional<webhook_event> webhook_queue::take(instant now) {
  if (entries_.empty() || entries_.top().leaves > now) return std::nullopt;
  const entry due = entries_.top();
  entries_.pop();
  ++counts_.sent;
  counts_.forged += due.what.forged ? 1U : 0U;
  auto body = webhook_body(*due.job, due.what);
  auto signature = webhook_signature(body, due.what.forged ? secret_ + " of a forger" : secret_);
  return webhook_event{std::move(body), std::move(signature), due.job, due.what, due.tries};
}

void webhook_queue::on_answer(const webhook_event& event, const webhook_answer& answer, instant now) {
  if (answer.status == 0) counts_.last_failure = answer.why_not;
  const bool good = answer.status >= 200 && answer.status < 300;
  ++(good ? counts_.answered : answer.status == 0 ? counts_.failed : counts_.refused);
  if (good || event.what.forged) return;
  const auto pause = plan_.pause_before(event.tries + 1);
  if (pause) entries_.push({now + *pause, entered_++, event.job, event.what, event.tries + 1});
}

webhook_counts webhook_queue::counts() const {
  auto all = counts_;
  all.waiting = entries_.size();
  return all;
}

} // namespace mcbatch::sandbox
