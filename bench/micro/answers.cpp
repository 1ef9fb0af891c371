// What an answer means: one that accepts, and one that refuses with a text to be shown.

#include "micro/sample.hpp"

#include <mcbatch/api/classify.hpp>

#include <benchmark/benchmark.h>

#include <string>

namespace {

using namespace mcbatch;

void classify(benchmark::State& state, int status, const std::string& answer) {
  const auto token = bench::must(api::token::from("mc_test_sandbox", "the benchmark"));
  const auto body = bench::body_of(1);
  reply whole{status, {}, answer};
  whole.fields.add("Content-Type", "application/json");
  const net::exchange_result seen = whole;
  for (auto _ : state)
    benchmark::DoNotOptimize(api::classify_create(seen, token, body));
}
BENCHMARK_CAPTURE(
    classify, accepted, 201,
    R"({"id":"job_abc123xyz","status":"pending","job_type":"video","input_format":"mp4",)"
    R"("output_format":"webm","progress_percentage":0,"estimated_cost_micros":157500,)"
    R"("estimated_cost_cents":16,"created_at":"2024-01-15T10:30:00Z","updated_at":"2024-01-15T10:30:00Z"})");
BENCHMARK_CAPTURE(classify, refused, 422,
                  R"({"error":"invalid_input","message":"https://ingest.example.com/a.mov?sig=1 cannot be read"})");

} // namespace
