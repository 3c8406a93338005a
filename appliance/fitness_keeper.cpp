#include "appliance/fitness_keeper.h"

#include <algorithm>

#include "appliance/kept.h"

namespace sonde {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMostOrders = 16;
constexpr Duration kShortest = 5s;  ///< a stretch of less says little

Problem stopping() { return {503, "", "The node is stopping; try again when it runs."}; }

}  // namespace

std::string no_button_sentence(const Finding& finding) {
  if (finding.state == Finding::State::good) return "\"" + finding.title + "\" is good as it is.";
  std::string sentence =
      finding.rows.empty() ? "No setting of this host mends \"" + finding.title + "\"."
                           : "This host is no live appliance, so nothing here may change its kernel: type it as root.";
  for (const char c : finding.command.empty() ? "" : " " + finding.command)
    sentence += c == '\n' ? "; " : std::string(1, c);
  return sentence;
}

FitnessKeeper::FitnessKeeper(Parts parts)
    : parts_(std::move(parts)), thread_([this](std::stop_token stop) { run(std::move(stop)); }) {}

FitnessKeeper::~FitnessKeeper() = default;

std::shared_ptr<const FitnessReport> FitnessKeeper::newest() const {
  const std::lock_guard lock(mutex_);
  return newest_;
}

std::future<std::optional<Problem>> FitnessKeeper::mend(const std::string& key) {
  auto kept = std::make_shared<Kept<std::optional<Problem>>>(stopping());
  auto future = kept->future();
  {
    const std::lock_guard lock(mutex_);
    if (orders_.size() >= kMostOrders) {
      kept->set(Problem{503, "", "The host is being mended already; try again in a moment."});
      return future;
    }
    orders_.push_back([this, key, kept] { parts_.after([kept, outcome = mend_now(key)] { kept->set(outcome); }); });
  }
  changed_.notify_one();
  return future;
}

void FitnessKeeper::run(std::stop_token stop) {
  look();
  for (Duration wait = parts_.first; !stop.stop_requested(); wait = parts_.every) {
    std::function<void()> order;
    {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, stop, wait, [this] { return !orders_.empty(); });
      if (stop.stop_requested()) return;
      if (!orders_.empty()) {
        order = std::move(orders_.front());
        orders_.pop_front();
      }
    }
    if (order)
      order();
    else
      look();
  }
}

/// What cannot be looked at now may be in a minute: the report before it stays.
void FitnessKeeper::look() {
  try {
    take(parts_.read());
  } catch (const std::exception& failure) {
    parts_.log.warning("this host could not be looked at", {{"why", failure.what()}});
  }
}

void FitnessKeeper::take(HostFacts facts) {
  if (before_ && facts.read - before_->read >= kShortest) stretch_ = stretch_between(*before_, facts);
  auto report = std::make_shared<const FitnessReport>(make_report(facts, stretch_, parts_.clock->utc_now()));
  if (!before_ || facts.read - before_->read >= kShortest) before_ = std::move(facts);
  {
    const std::lock_guard lock(mutex_);
    newest_ = std::move(report);
  }
  parts_.renewed();
}

std::optional<Problem> FitnessKeeper::mend_now(const std::string& key) {
  const auto report = newest();
  if (!report) return Problem{503, "", "The host was not looked at yet; try again in a moment."};
  const auto found = std::ranges::find(report->findings, key, &Finding::key);
  if (found == report->findings.end()) return Problem{404, "", "There is no such finding any more."};
  if (found->rows.empty() || !parts_.mend) return Problem{409, "", no_button_sentence(*found)};
  for (const std::string_view row : found->rows)
    if (const auto refused = parts_.mend(row)) {
      look();
      return Problem{409, "", *refused};
    }
  look();
  return std::nullopt;
}

}  // namespace sonde
