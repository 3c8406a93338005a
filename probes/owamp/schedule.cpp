#include "probes/owamp/schedule.h"

#include "probes/amp/exponential.h"

namespace sonde::owamp {

std::vector<amp::NtpTime> make_schedule(const amp::Sid& sid, amp::NtpTime start, std::span<const Slot> slots,
                                        std::uint32_t packets) {
  std::vector<amp::NtpTime> due;
  due.reserve(packets);
  amp::ExponentialSequence variates(sid);
  for (std::uint32_t i = 0; i < packets; ++i) {
    const Slot& slot = slots[i % slots.size()];
    const bool fixed = slot.kind == Slot::Kind::fixed;
    start = start + (fixed ? slot.length : amp::multiply_fixed(variates.next(), slot.length));
    due.push_back(start);
  }
  return due;
}

std::vector<UtcTime> make_utc_schedule(const amp::Sid& sid, amp::NtpTime start, std::span<const Slot> slots,
                                       std::uint32_t packets, UtcTime near) {
  std::vector<UtcTime> due;
  due.reserve(packets);
  for (const amp::NtpTime t : make_schedule(sid, start, slots, packets)) due.push_back(amp::to_utc(t, near));
  return due;
}

double mean_interval_seconds(std::span<const Slot> slots) {
  double sum = 0;
  for (const Slot& slot : slots) sum += static_cast<double>(slot.length) * 0x1p-32;
  return slots.empty() ? 0 : sum / static_cast<double>(slots.size());
}

}  // namespace sonde::owamp
