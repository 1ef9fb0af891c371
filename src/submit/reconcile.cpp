#include <mcbatch/submit/reconcile.hpp>

#include <mcbatch/core/date.hpp>
#include <mcbatch/core/huge_numbers.hpp>
#include <mcbatch/manifest/url.hpp>
#include <mcbatch/quota/rate_headers.hpp>
#include <mcbatch/submit/expiry.hpp>

#include <simdjson.h>

#include <algorithm>

namespace mcbatch::submit {
namespace {

using std::chrono::duration_cast;

constexpr duration resolution = std::chrono::seconds(1); // of a Date, and of created_at

wall_time shifted(wall_time t, duration by) {
  return t + duration_cast<wall_time::duration>(by);
}

/// Empty where there is none. A body is what the manifest's checks let through.
std::string output_url_of(const std::string& body) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  std::string_view url;
  if (parser.parse(without_huge_numbers(body)).get(object) != simdjson::SUCCESS ||
      object.at_key("output_url").get(url) != simdjson::SUCCESS)
    return {};
  return std::string(url);
}

std::string address_of(std::string_view url) {
  return std::string(url.substr(0, url.find_first_of("?#")));
}

/// Whether the service refused that try: then it is an earlier one that may have been accepted.
bool was_refused(int status) {
  return status / 100 == 3 || status / 100 == 4 || status == 503;
}

/// By itself, as long as the rest of the ledger is not looked at.
identity identify(const doubtful_job& job, std::size_t same_url, bool urls_shown,
                  const std::optional<doubtful_job::try_time>& created) {
  if (!job.when) return identity::earlier_try;
  if (!urls_shown) return identity::urls_hidden;
  if (same_url == 0) return identity::not_listed;
  if (same_url > 1) return identity::several;
  if (!created) return identity::time_unknown;
  const bool within = created->from <= job.when->to && job.when->from < created->to;
  return within ? identity::certain : identity::other_time;
}

} // namespace

std::optional<clock_offset> read_clock_offset(const headers& answer, wall_time asked, wall_time arrived) {
  const auto text = answer.find("Date");
  const auto date = text ? parse_http_date(*text) : std::nullopt;
  if (!date || arrived < asked) return std::nullopt;
  return clock_offset{*date - arrived, *date - asked + resolution};
}

doubtful_job read_doubtful(const ledger::record& r, duration timeout) {
  doubtful_job job{r.key.value_or(job_key{}), output_url_of(r.body), std::nullopt};
  const bool unsent = r.http_status == 0 && r.error == expired_unsent;
  if (!r.sent_at || !r.answered_at || unsent || was_refused(r.http_status)) return job;
  const bool interrupted = r.http_status == 0 && r.error == ledger::interrupted;
  const auto end = interrupted ? shifted(*r.sent_at, timeout) : *r.answered_at;
  if (end >= *r.sent_at) job.when = {*r.sent_at, end}; // else our clock was set back meanwhile
  return job;
}

bool recent_jobs::add(std::vector<api::listed_job> page, std::optional<clock_offset> clock) {
  const auto width = [](const clock_offset& c) { return c.most - c.least; };
  if (clock && (!clock_ || width(*clock) < width(*clock_))) clock_ = clock;
  bool news = false;
  bool urls = false;
  bool all_before = true;
  for (auto& job : page) {
    const auto at = created(job);
    all_before = all_before && at && at->to < earliest_;
    urls = urls || job.output_url;
    if (!ids_.insert(job.id).second) continue;
    news = true;
    jobs_.push_back(std::move(job));
  }
  return news && urls && !all_before;
}

std::optional<doubtful_job::try_time> recent_jobs::created(const api::listed_job& job) const {
  const auto at = parse_rfc3339(job.created_at);
  if (!at || !clock_) return std::nullopt;
  return doubtful_job::try_time{shifted(*at, -clock_->most), shifted(*at, resolution - clock_->least)};
}

std::string_view to_string(identity i) noexcept {
  switch (i) {
  case identity::certain:
    return "certain";
  case identity::earlier_try:
    return "earlier_try";
  case identity::urls_hidden:
    return "urls_hidden";
  case identity::not_listed:
    return "not_listed";
  case identity::several:
    return "several";
  case identity::time_unknown:
    return "time_unknown";
  case identity::other_time:
    return "other_time";
  case identity::shared_url:
    return "shared_url";
  case identity::known_id:
    return "known_id";
  }
  return "unknown";
}

reconciliation::reconciliation(std::vector<doubtful_job> doubtful, const recent_jobs& recent) {
  std::unordered_multimap<std::string, const api::listed_job*> by_url;
  for (const auto& listed : recent.jobs())
    if (listed.output_url && !listed.output_url->empty())
      by_url.emplace(manifest::unsigned_url(*listed.output_url), &listed);
  for (auto& job : doubtful) {
    const auto [first, last] = by_url.equal_range(manifest::unsigned_url(job.output_url));
    const auto same_url = static_cast<std::size_t>(std::distance(first, last));
    finding f{std::move(job), {}, std::nullopt};
    if (same_url == 1) f.listed = *first->second;
    f.what = identify(f.job, same_url, !by_url.empty(), f.listed ? recent.created(*f.listed) : std::nullopt);
    if (f.what == identity::certain) {
      by_address_.emplace(address_of(f.job.output_url), findings_.size());
      by_id_.emplace(f.listed->id, findings_.size());
    }
    findings_.push_back(std::move(f));
  }
}

void reconciliation::compare(const ledger::record& r) {
  const auto url = output_url_of(r.body);
  const auto [first, last] = by_address_.equal_range(address_of(url));
  for (auto it = first; it != last; ++it) {
    auto& f = findings_[it->second];
    const bool whole = f.listed->output_url->find('?') != std::string::npos;
    const bool same = !whole || manifest::unsigned_url(url) == manifest::unsigned_url(f.job.output_url);
    if (same && r.key != f.job.key) f.what = identity::shared_url;
  }
  const auto known = by_id_.find(r.job_id);
  if (known != by_id_.end() && r.key != findings_[known->second].job.key)
    findings_[known->second].what = identity::known_id;
}

} // namespace mcbatch::submit
