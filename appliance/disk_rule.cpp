#include "appliance/disk_rule.h"

#include "core/archive/budget.h"
#include "core/config/rules.h"

namespace sonde {
namespace {

std::string gigabytes(std::uint64_t octets) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g GB", static_cast<double>(octets) / 1e9);
  return text;
}

}  // namespace

DiskBudget disk_budget_of(const TestSpec& spec, std::span<const ProbeType* const> catalogue) {
  const ProbeType* type = find_probe(catalogue, spec.probe);
  return type == nullptr ? DiskBudget{} : disk_budget(spec, type->cost(spec), *type);
}

std::uint64_t disk_bound(const Config& config, std::span<const ProbeType* const> catalogue) {
  std::uint64_t sum = 0;
  for (const TestSpec& spec : config.tests) sum += disk_budget_of(spec, catalogue).octets;
  return sum;
}

std::optional<Problem> refuse_beyond_disk(const Config& before, const Config& after,
                                          std::span<const ProbeType* const> catalogue, std::uint64_t archive_limit) {
  const std::uint64_t set = after.settings.disk_limit_octets, limit = set != 0 ? set : archive_limit;
  const std::uint64_t sum = disk_bound(after, catalogue), was = disk_bound(before, catalogue);
  if (limit == 0 || sum <= limit) return std::nullopt;
  const bool limit_changed = set != before.settings.disk_limit_octets;
  if (sum <= was && !limit_changed) return std::nullopt;
  const std::string all = "all " + std::to_string(after.tests.size()) + " tests together could take " + gigabytes(sum);
  const std::string has = set != 0 ? "the limit is " + gigabytes(limit) : "the disk has room for " + gigabytes(limit);
  if (sum <= was)
    return Problem{422, "disk_limit_bytes",
                   "disk limit " + gigabytes(set) + ": " + all + "; allowed is no less, or delete tests first."};
  return Problem{422, "tests",
                 "This would need " + gigabytes(sum - was) + " more on the disk: " + all + ", but " + has +
                     ". Delete a test, measure less often, or give the archive more room (This node, settings)."};
}

}  // namespace sonde
