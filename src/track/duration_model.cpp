#include <mcbatch/track/duration_model.hpp>

#include <algorithm>
#include <cmath>

namespace mcbatch::track {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_types = 1000;
constexpr double shortest = 0.1, step = 1.25; // seconds; and of a bin's end over its beginning
constexpr double memory = 1000;               // ends, after which one weighs a third of a new one
constexpr double weight_of_others = 5;        // what all types together say, in observations of the type itself
constexpr double guess = 15;                  // seconds: the median, where nothing is known
constexpr double weight_of_guess = 0.5;
constexpr duration shortest_gap = 100ms, longest_gap = 24h;

double seconds(duration d) {
  return std::max(std::chrono::duration<double>(d).count(), 0.0);
}

duration of_seconds(double s) {
  return std::chrono::duration_cast<duration>(std::chrono::duration<double>(s));
}

/// In spans, with a fraction.
double place_of(double s) {
  return s <= shortest ? 0 : std::log(s / shortest) / std::log(step);
}

double end_of(double place) {
  return shortest * std::pow(step, place);
}

/// Half of those that are only guessed at live beyond the guess, a third beyond twice that, ...
double guessed_survival(double from, double to) {
  return (guess + from) / (guess + to);
}

} // namespace

void duration_model::counts::forget() {
  const auto kept = std::exp(-1 / memory);
  for (std::size_t s = 0; s < spans; ++s) {
    came[s] *= kept;
    ended[s] *= kept;
  }
}

/// Parts of spans count in part.
void duration_model::counts::add(double from, double to, double weight) {
  to = std::min(to, static_cast<double>(spans));
  for (auto s = static_cast<std::size_t>(from); s < spans && static_cast<double>(s) < to; ++s) {
    const auto begin = static_cast<double>(s);
    came[s] += weight * (std::min(to, begin + 1) - std::max(from, begin));
  }
}

duration_model::type duration_model::type_of(std::string_view name) {
  if (const auto known = numbers_.find(std::string(name)); known != numbers_.end()) return known->second;
  if (by_type_.size() > most_types) return 0;
  by_type_.emplace_back();
  return numbers_[std::string(name)] = static_cast<type>(by_type_.size() - 1);
}

void duration_model::lived(type t, duration from, duration to, double probability) {
  const auto first = place_of(seconds(from)), last = place_of(seconds(to));
  by_type_[t].seen.add(first, last, probability);
  by_type_[t].told += 1;
  all_.add(first, last, probability);
}

void duration_model::ended(type t, duration from, duration end) {
  const auto first = place_of(seconds(from)), last = place_of(seconds(end));
  const auto span = std::min(static_cast<std::size_t>(last), spans - 1);
  for (auto* c : {&by_type_[t].seen, &all_}) {
    c->forget();
    c->add(first, std::max(first, static_cast<double>(span) + 1)); // it came to the span as a whole
    c->ended[span] += 1;
  }
  by_type_[t].told += 1;
  ++observed_;
}

/// The probability to end within a span for one that has come to it.
double duration_model::risk(const counts& own, std::size_t span) const {
  const auto begin = static_cast<double>(span);
  const auto guessed = 1 - guessed_survival(end_of(begin), end_of(begin + 1));
  const auto others = (all_.ended[span] + weight_of_guess * guessed) / (all_.came[span] + weight_of_guess);
  const auto all = (own.ended[span] + weight_of_others * others) / (own.came[span] + weight_of_others);
  return std::clamp(all, 1e-6, 0.999);
}

const duration_model::forecast& duration_model::of(type t) const {
  const auto& k = by_type_[t];
  if (k.told < k.last.good_until) return k.last;
  for (std::size_t s = 0; s < spans; ++s)
    k.last.log_survival[s + 1] = k.last.log_survival[s] + std::log1p(-risk(k.seen, s));
  k.last.good_until = k.told + 1 + k.told / 32;
  return k.last;
}

/// Of how many that live so long, its logarithm.
double duration_model::log_survival(type t, double age) const {
  const auto& table = of(t).log_survival;
  const auto place = place_of(age);
  const auto span = static_cast<std::size_t>(place);
  if (span >= spans) return table[spans] + std::log(guessed_survival(end_of(static_cast<double>(spans)), age));
  return table[span] + (place - static_cast<double>(span)) * (table[span + 1] - table[span]);
}

double duration_model::ended_by(type t, duration alive_at, duration age) const {
  if (age <= alive_at) return 0;
  return -std::expm1(log_survival(t, seconds(age)) - log_survival(t, seconds(alive_at)));
}

duration duration_model::quantile(type t, duration alive_at, double p) const {
  const auto wanted = log_survival(t, seconds(alive_at)) + std::log1p(-p);
  const auto& table = of(t).log_survival; // which falls
  const auto behind = std::partition_point(table.begin(), table.end(), [&](double l) { return l > wanted; });
  if (behind == table.end()) return alive_at + longest_gap;
  if (behind == table.begin()) return alive_at + shortest_gap;
  const auto span = static_cast<double>(behind - table.begin() - 1);
  const auto place = span + (*(behind - 1) - wanted) / (*(behind - 1) - *behind);
  return std::clamp(of_seconds(end_of(place)), alive_at + shortest_gap, alive_at + longest_gap);
}

} // namespace mcbatch::track
