#include "core/run/probe_type.h"

#include <cassert>
#include <charconv>
#include <cmath>

namespace sonde {
namespace {

std::string refusal(const OptionSpec& spec, std::string_view text, const std::string& allowed) {
  return std::string(spec.name) + " \"" + std::string(text) + "\": allowed is " + allowed + ".";
}

std::string number_text(double value) {
  char text[32];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value);
  return error == std::errc{} ? std::string(text, end) : std::string("?");
}

std::string check_range(const OptionSpec& spec, std::string_view text, std::optional<double> value,
                        const std::string& kind) {
  if (value && std::isfinite(*value) && *value >= spec.least && *value <= spec.most) return {};
  const std::string unit = spec.unit.empty() ? "" : " " + std::string(spec.unit);
  return refusal(spec, text, kind + " from " + number_text(spec.least) + " to " + number_text(spec.most) + unit);
}

template <typename T>
std::optional<double> whole_number(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return static_cast<double>(value);
}

std::string check_choice(const OptionSpec& spec, std::string_view text) {
  std::string_view rest = spec.choices;
  while (!rest.empty()) {
    const auto bar = rest.find('|');
    if (rest.substr(0, bar) == text) return {};
    rest = bar == std::string_view::npos ? std::string_view{} : rest.substr(bar + 1);
  }
  return refusal(spec, text, "one of " + std::string(spec.choices));
}

const OptionSpec& spec_of(const ProbeType& type, std::string_view name) {
  for (const OptionSpec& spec : type.options)
    if (spec.name == name) return spec;
  assert(!"a probe asks for an option it does not declare");
  std::abort();
}

}  // namespace

std::string check_option(const OptionSpec& spec, std::string_view text) {
  switch (spec.kind) {
    case OptionKind::integer:
      return check_range(spec, text, whole_number<std::int64_t>(text), "a whole number");
    case OptionKind::number:
      return check_range(spec, text, whole_number<double>(text), "a number");
    case OptionKind::duration: {
      const auto d = parse_duration(text);
      if (d && to_seconds(*d) >= spec.least && to_seconds(*d) <= spec.most) return {};
      return refusal(spec, text,
                     "a time with its unit from " + format_duration(Duration{std::llround(spec.least * 1e9)}) + " to " +
                         format_duration(Duration{std::llround(spec.most * 1e9)}));
    }
    case OptionKind::choice:
      return check_choice(spec, text);
    case OptionKind::flag:
      return text == "yes" || text == "no" ? "" : refusal(spec, text, "yes or no");
    case OptionKind::text:
      if (static_cast<double>(text.size()) <= spec.most) return {};
      return refusal(spec, text.substr(0, 20), "at most " + number_text(spec.most) + " characters");
  }
  return {};
}

std::string option(const ProbeType& type, const TestSpec& spec, std::string_view name) {
  const auto found = spec.options.find(std::string(name));
  return found != spec.options.end() ? found->second : std::string(spec_of(type, name).standard);
}

std::int64_t integer_option(const ProbeType& type, const TestSpec& spec, std::string_view name) {
  return static_cast<std::int64_t>(whole_number<std::int64_t>(option(type, spec, name)).value_or(0));
}

double number_option(const ProbeType& type, const TestSpec& spec, std::string_view name) {
  return whole_number<double>(option(type, spec, name)).value_or(0);
}

Duration duration_option(const ProbeType& type, const TestSpec& spec, std::string_view name) {
  return parse_duration(option(type, spec, name)).value_or(Duration::zero());
}

const Metric* find_metric(const ProbeType& type, std::string_view key) {
  for (const Metric& metric : type.metrics)
    if (metric.key == key) return &metric;
  return find_standard_metric(key);
}

}  // namespace sonde
