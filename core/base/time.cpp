#include "core/base/time.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace sonde {
namespace {

using namespace std::chrono;

/// The number at the front of `text`, cut off from it; all digits must fit.
std::optional<int> take_digits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return std::nullopt;
  int value = 0;
  for (const char c : text.substr(0, count)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool take_char(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<int> take_fraction(std::string_view& text) {
  if (!take_char(text, '.')) return 0;
  int value = 0, digits = 0;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    if (++digits > 9) return std::nullopt;
    value = value * 10 + (text.front() - '0');
    text.remove_prefix(1);
  }
  if (digits == 0) return std::nullopt;
  for (; digits < 9; ++digits) value *= 10;
  return value;
}

std::string format_scaled(double value, const char* unit) {
  std::array<char, 48> text{};
  const int digits = value < 10 ? 2 : value < 100 ? 1 : 0;
  std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  std::string out = text.data();
  if (out.find('.') != std::string::npos) {
    while (out.back() == '0') out.pop_back();
    if (out.back() == '.') out.pop_back();
  }
  return out + ' ' + unit;
}

std::string format_long(std::int64_t seconds) {
  static constexpr struct {
    std::int64_t size;
    const char* name;
  } kUnits[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
  std::string out;
  int parts = 0;
  for (const auto& unit : kUnits) {
    if (seconds < unit.size || parts == 2) continue;
    out += (out.empty() ? "" : " ") + std::to_string(seconds / unit.size) + ' ' + unit.name;
    seconds %= unit.size;
    ++parts;
  }
  return out;
}

}  // namespace

UtcTime align_down(UtcTime t, Duration step) {
  const auto since = t.time_since_epoch().count();
  auto rest = since % step.count();
  if (rest < 0) rest += step.count();
  return UtcTime{Duration{since - rest}};
}

std::string format_utc(UtcTime t, int digits) {
  const auto day = floor<days>(t.time_since_epoch());
  const year_month_day date{sys_days{day}};
  const hh_mm_ss<Duration> clock{t.time_since_epoch() - day};
  std::array<char, 64> text{};
  int n = std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
                        static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                        static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                        static_cast<int>(clock.seconds().count()));
  std::string out(text.data(), static_cast<std::size_t>(n));
  if (digits > 0) {
    std::snprintf(text.data(), text.size(), ".%09lld", static_cast<long long>(clock.subseconds().count()));
    out.append(text.data(), static_cast<std::size_t>(digits) + 1);
  }
  return out + 'Z';
}

std::optional<UtcTime> parse_utc(std::string_view text) {
  const auto y = take_digits(text, 4);
  if (!y || *y < 1970 || *y > 2199 || !take_char(text, '-')) return std::nullopt;
  const auto mo = take_digits(text, 2);
  if (!mo || !take_char(text, '-')) return std::nullopt;
  const auto d = take_digits(text, 2);
  if (!d || !take_char(text, 'T')) return std::nullopt;
  const year_month_day date{year{*y}, month{static_cast<unsigned>(*mo)}, day{static_cast<unsigned>(*d)}};
  const auto h = take_digits(text, 2);
  if (!date.ok() || !h || *h > 23 || !take_char(text, ':')) return std::nullopt;
  const auto mi = take_digits(text, 2);
  if (!mi || *mi > 59 || !take_char(text, ':')) return std::nullopt;
  const auto s = take_digits(text, 2);
  if (!s || *s > 59) return std::nullopt;
  const auto fraction = take_fraction(text);
  if (!fraction || text != "Z") return std::nullopt;
  const auto whole = sys_days{date}.time_since_epoch() + hours{*h} + minutes{*mi} + seconds{*s};
  return UtcTime{Duration{whole} + Duration{*fraction}};
}

std::string format_duration(Duration d) {
  if (d < Duration::zero()) return "−" + format_duration(d == Duration::min() ? Duration::max() : -d);
  const auto ns = static_cast<double>(d.count());
  if (d < 1us) return format_scaled(ns, "ns");
  if (d < 1ms) return format_scaled(ns / 1e3, "µs");
  if (d < 1s) return format_scaled(ns / 1e6, "ms");
  if (d < 1min && d % 1s != Duration::zero()) return format_scaled(ns / 1e9, "s");
  return format_long(floor<seconds>(d).count());
}

std::optional<Duration> parse_duration(std::string_view text) {
  static constexpr struct {
    std::string_view name;
    double nanoseconds;
  } kUnits[] = {{"ns", 1},  {"us", 1e3},   {"µs", 1e3},   {"ms", 1e6},
                {"s", 1e9}, {"min", 60e9}, {"h", 3600e9}, {"d", 86400e9}};
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  take_char(text, ' ');
  for (const auto& unit : kUnits) {
    if (text != unit.name) continue;
    const double ns = value * unit.nanoseconds;
    if (!std::isfinite(ns) || std::abs(ns) > 9.2e18) return std::nullopt;
    return Duration{std::llround(ns)};
  }
  return std::nullopt;
}

}  // namespace sonde
