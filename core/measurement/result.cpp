#include "core/measurement/result.h"

#include <array>
#include <utility>

namespace sonde {
namespace {

template <typename Enum, std::size_t N>
using Names = std::array<std::pair<Enum, std::string_view>, N>;

constexpr Names<Direction, 5> kDirections{{{Direction::none, "none"},
                                           {Direction::forward, "forward"},
                                           {Direction::reverse, "reverse"},
                                           {Direction::round_trip, "round_trip"},
                                           {Direction::local, "local"}}};
constexpr Names<Basis, 5> kBases{{{Basis::none, "none"},
                                  {Basis::exact_count, "exact_count"},
                                  {Basis::sampling, "sampling"},
                                  {Basis::clock_bound, "clock_bound"},
                                  {Basis::sampling_and_clock, "sampling_and_clock"}}};
constexpr Names<Outcome, 5> kOutcomes{{{Outcome::done, "done"},
                                       {Outcome::failed, "failed"},
                                       {Outcome::skipped, "skipped"},
                                       {Outcome::refused, "refused"},
                                       {Outcome::busy, "busy"}}};

template <typename Enum, std::size_t N>
std::string_view name_of(const Names<Enum, N>& names, Enum value) {
  for (const auto& [known, name] : names) {
    if (known == value) return name;
  }
  return "";
}

template <typename Enum, std::size_t N>
std::optional<Enum> value_of(const Names<Enum, N>& names, std::string_view text) {
  for (const auto& [value, name] : names) {
    if (name == text) return value;
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(Direction direction) { return name_of(kDirections, direction); }
std::optional<Direction> direction_from(std::string_view text) { return value_of(kDirections, text); }
std::string_view to_string(Basis basis) { return name_of(kBases, basis); }
std::string_view to_string(Outcome outcome) { return name_of(kOutcomes, outcome); }
std::optional<Outcome> outcome_from(std::string_view text) { return value_of(kOutcomes, text); }

}  // namespace sonde
