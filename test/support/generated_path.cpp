#include "test/support/generated_path.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace sonde::test {
namespace {

using namespace std::chrono_literals;

constexpr Duration kDay = 24h;
constexpr double kClockJump = 0.003;  ///< both directions by half of it, for an hour

/// A well mixed number for a few small ones.
std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  std::uint64_t x = a * 0x9E3779B97F4A7C15ULL + b;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31);
}
double share(std::uint64_t a, std::uint64_t b) { return static_cast<double>(mix(a, b) >> 11) * 0x1p-53; }

constexpr const char* kPlaces[] = {"Lyon",  "Oslo",  "Bari",  "Cork",  "Graz", "Lund", "Metz",
                                   "Nice",  "Pisa",  "Riga",  "Turku", "Vigo", "Wels", "Zadar",
                                   "Basel", "Delft", "Espoo", "Faro",  "Gent", "Horta"};

constexpr const char* kNetworks[] = {"example.net", "north.example.net", "example.org", "campus.example.edu",
                                     "example.com", "lab.example.org",   "isp.example"};

}  // namespace

double wait(double u) { return kMeanWait * -std::log1p(-std::min(u, 0.999999)); }

GeneratedPath::GeneratedPath(int number, UtcTime end, bool cases)
    : number_(number), end_(end), cases_(cases && number < 3) {
  const auto seed = static_cast<std::uint64_t>(number);
  distance_s_ = 0.002 + 0.08 * share(seed, 1) * share(seed, 2);
  load_s_ = 0.00005 + 0.0008 * share(seed, 3) * share(seed, 4);
  const auto days_ago = [&](int what, int least, int most) {
    return align_down(
        end - kDay * (least + static_cast<int>(share(seed, 10 + static_cast<std::uint64_t>(what)) * (most - least))),
        1h);
  };
  episode_ = number % 5 == 1 ? days_ago(1, 3, 300) : end + kDay;
  gap_ = days_ago(2, 5, 350);
  if (number % 7 == 3) route_change_ = days_ago(3, 10, 300);
  if (cases_) episode_ = gap_ = end + kDay, route_change_.reset();
  if (cases_ && number == 1) route_change_ = end - 26h;
}

std::string GeneratedPath::peer_name() const {
  const auto places = std::size(kPlaces);
  const auto n = static_cast<std::size_t>(number_);
  std::string name = kPlaces[n % places];
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
  // Networks of very different sizes.
  const double any = n < 3 ? 0 : share(n, 6);
  const auto network = static_cast<std::size_t>(any * any * static_cast<double>(std::size(kNetworks)));
  return "sonde-" + name + (n < places ? "" : std::to_string(n / places + 1)) + "." + kNetworks[network];
}

double GeneratedPath::noise(Direction direction, UtcTime t) const {
  return share(static_cast<std::uint64_t>(number_) * 8 + static_cast<std::uint64_t>(direction),
               static_cast<std::uint64_t>(utc_seconds(t) / 60));
}

PathState GeneratedPath::at(Direction direction, UtcTime t) const {
  PathState state;
  const bool forward = direction == Direction::forward;
  // The node was off for six hours, and the peer for four of its own.
  const UtcTime off = end_ - 75 * kDay;
  state.measured = !(t >= off && t < off + 6h) && !(t >= gap_ && t < gap_ + 4h);
  const double hour = static_cast<double>(utc_seconds(t) % 86400) / 3600;
  const bool week_end = (utc_seconds(t) / 86400 + 4) % 7 % 6 == 0;
  const double daily = 0.5 + 0.5 * std::sin((hour - 9) / 24 * 2 * std::numbers::pi);
  const double random = noise(direction, t);
  state.base_s = distance_s_ * (forward ? 1.0 : 1.03) + 0.000004 * random;
  state.queue_s = load_s_ * (0.6 + (week_end ? 0.5 : 1.6) * daily) * (0.8 + 0.4 * random);
  state.loss = random > 0.995 ? 0.002 : 0;
  state.hops = 7 + number_ % 9;
  if (route_change_ && t >= *route_change_) {
    state.base_s += 0.004 + 0.010 * share(static_cast<std::uint64_t>(number_), 5);
    state.hops += 3;
  }
  if (t >= episode_ && t < episode_ + 2h) state.loss += forward ? 0.04 : 0;
  if (t >= clock_step() && t < clock_step() + 1h) state.clock_error_s = forward ? kClockJump : -kClockJump;
  if (cases_ && number_ == 0 && forward && t >= end_ - 200min) state.loss += 0.02 + 0.01 * random;
  if (cases_ && number_ == 2 && !forward && t >= end_ - 9 * kDay && hour >= 17 && hour < 23)
    state.queue_s += 0.006 * std::sin((hour - 17) / 6 * std::numbers::pi);
  return state;
}

std::vector<std::pair<UtcTime, std::string>> GeneratedPath::route_changes() const {
  if (!route_change_) return {};
  return {{*route_change_, "The route to " + peer_name() + " changed: " + std::to_string(7 + number_ % 9) +
                               " hops became " + std::to_string(10 + number_ % 9) + "."}};
}

std::vector<PreparedCase> prepared_cases(UtcTime end) {
  return {{0, "2 to 3 % of the packets are lost", "on the way there only", end - 200min},
          {1, "the route changed: three hops more and a longer way in both directions", "both directions", end - 26h},
          {2, "queues of several milliseconds each evening from 17 to 23 UTC", "on the way back only", end - 9 * kDay}};
}

}  // namespace sonde::test
