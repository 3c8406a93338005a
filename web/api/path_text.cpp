#include "web/api/path_text.h"

#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>

#include "web/api/reply.h"

namespace sonde::web {
namespace {

/// Three significant digits.
std::string three_digits(double value) {
  std::array<char, 40> text{};
  const double size = std::abs(value);
  const int decimals = size >= 99.95 || size == 0 ? 0 : size >= 9.995 ? 1 : size >= 0.9995 ? 2 : 3;
  std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
  std::string out = text.data();
  if (out.find('.') == std::string::npos) return out;
  while (out.back() == '0') out.pop_back();
  if (out.back() == '.') out.pop_back();
  return out;
}

std::string since_text(const Judged& judged, UtcTime now) {
  return judged.since ? " since " + clock_text(*judged.since, now) : "";
}

std::string usually(const std::optional<double>& normal, std::string (*text)(double)) {
  return normal ? ", usually " + text(*normal) : "";
}

/// "13.1 ms, 0 of 600 lost".
std::string numbers(const Judged& judged) {
  std::string out;
  if (judged.newest_delay && judged.newest_delay->value) out = seconds_text(*judged.newest_delay->value);
  const Counts& counts = judged.newest_counts;
  if (counts.sent > 0)
    out += (out.empty() ? "" : ", ") + std::to_string(counts.lost) + " of " + std::to_string(counts.sent) + " lost";
  return out.empty() ? "nothing measured" : out;
}

std::string bad_sentence(const Judged& judged, UtcTime now) {
  const auto is = [&](Verdict verdict) { return judged.delay.verdict == verdict || judged.loss.verdict == verdict; };
  if (is(Verdict::no_answer)) return "no answer" + since_text(judged, now);
  if (judged.loss.verdict == Verdict::worse || judged.loss.verdict == Verdict::lossy)
    return share_text(judged.loss.value.value_or(0)) + " loss" + since_text(judged, now) +
           usually(judged.loss.normal, share_text);
  if (judged.delay.verdict == Verdict::lossy)
    return share_text(judged.delay.value.value_or(0)) + " loss" + since_text(judged, now);
  return "delay " + seconds_text(judged.delay.value.value_or(0)) + since_text(judged, now) +
         usually(judged.delay.normal, seconds_text);
}

}  // namespace

std::string seconds_text(double seconds) {
  if (std::abs(seconds) < 1e-3) return three_digits(seconds * 1e6) + " µs";
  if (std::abs(seconds) < 1) return three_digits(seconds * 1e3) + " ms";
  return three_digits(seconds) + " s";
}

std::string share_text(double share) {
  if (share > 0 && share < 0.0001) return "less than 0.01 %";
  return three_digits(share * 100) + " %";
}

std::string clock_text(UtcTime time, UtcTime now) {
  const std::string text = format_utc(time, 0);
  const bool today = text.substr(0, 10) == format_utc(now, 0).substr(0, 10);
  return (today ? "" : text.substr(0, 10) + " ") + text.substr(11, 5) + " UTC";
}

std::string direction_sentence(const Judged& judged, UtcTime now) {
  switch (judged.state) {
    case PathState::bad:
      return bad_sentence(judged, now);
    case PathState::watch:
      if (judged.delay.verdict == Verdict::clock_invalid)
        return "delay unknown, because nobody vouches for one of the clocks; " +
               std::to_string(judged.newest_counts.lost) + " of " + std::to_string(judged.newest_counts.sent) + " lost";
      return "newest " + numbers(judged) + usually(judged.delay.normal, seconds_text) + "; to be watched";
    case PathState::learning:
      return "learning what is normal (" + std::to_string(judged.baseline_results) +
             " of 200 results): " + numbers(judged);
    case PathState::good:
      return "as usual: " + numbers(judged);
    case PathState::unknown:
      return judged.updated ? "no data since " + clock_text(*judged.updated, now) : "no result yet";
  }
  return {};
}

std::string run_sentence(const Result& result, UtcTime now) {
  const std::string when = clock_text(result.begin, now);
  std::string rates;
  for (const Statistic& each : result.statistics) {
    if (!each.value || !each.metric || each.metric->unit != Unit::bits_per_second) continue;
    rates += (rates.empty() ? "" : ", ") + std::string(each.metric->title) + " " +
             with_prefix(*each.value, api_unit(each.metric->unit)) +
             (each.direction == Direction::reverse ? " back" : " to it");
  }
  if (!rates.empty()) return rates + ", " + when;
  return "last run " + std::string(to_string(result.outcome)) + ", " + when +
         (result.sentence.empty() ? "" : ": " + result.sentence);
}

}  // namespace sonde::web
