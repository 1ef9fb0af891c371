#include <mcbatch/api/job_list.hpp>

#include "json_members.hpp"
#include "tidy.hpp"

namespace mcbatch::api {
namespace {

namespace dom = simdjson::dom;

failure no_list(std::string_view why) {
  return {errc::broken_exchange, "the service's list of jobs cannot be read: " + std::string(why)};
}

std::optional<dom::array> find_list(const dom::element& top) {
  dom::array list;
  if (top.get(list) == simdjson::SUCCESS) return list;
  dom::object object;
  if (top.get(object) != simdjson::SUCCESS) return std::nullopt;
  for (const std::string_view name : {"conversion_jobs", "jobs", "data", "items", "results"})
    if (object.at_key(name).get(list) == simdjson::SUCCESS) return list;
  return std::nullopt;
}

std::optional<listed_job> read_job(const dom::element& element, std::string_view secret) {
  dom::object object;
  if (element.get(object) != simdjson::SUCCESS) return std::nullopt;
  listed_job job;
  job.id = tidy(text_member(object, "id"), secret);
  if (job.id.empty()) return std::nullopt;
  job.status = tidy(text_member(object, "status"), secret);
  if (std::string_view url; object.at_key("output_url").get(url) == simdjson::SUCCESS) job.output_url = url;
  job.created_at = text_member(object, "created_at");
  job.estimated_cost_micros = cost_member(object, "estimated_cost_micros");
  return job;
}

} // namespace

result<std::vector<listed_job>> parse_job_list(std::string_view body, const token& sent_with) {
  dom::parser parser;
  dom::element top;
  if (parse(parser, body, top) != simdjson::SUCCESS) return no_list("it is no JSON");
  const auto list = find_list(top);
  if (!list) return no_list("it is neither an array of jobs nor an object that has one");
  std::vector<listed_job> jobs;
  for (const auto element : *list) {
    auto job = read_job(element, sent_with.secret());
    if (!job) return no_list("its entry " + std::to_string(jobs.size() + 1) + " is no job with an id");
    jobs.push_back(std::move(*job));
  }
  return jobs;
}

} // namespace mcbatch::api
