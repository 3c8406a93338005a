#include "probes/owamp/client_session.h"
#include "probes/owamp/round_result.h"

namespace sonde::owamp {
namespace {

constexpr Duration kTell = std::chrono::seconds{1};

/// `count` packets in each direction, one Result, the end.
class SingleRun final : public ClientSession {
 public:
  using ClientSession::ClientSession;

 private:
  std::size_t connections() const override { return 1; }

  void begin(Now now, Outbox& out) override {
    next_tell_ = now.steady + kTell;
    clients_[0]->begin(std::make_unique<Round>(common_order()), now, out);
  }

  SteadyTime next_plan() const override { return next_tell_; }

  void plan(Now now, Outbox&) override {
    next_tell_ = now.steady + kTell;
    const Round* round = clients_[0]->round();
    if (round == nullptr || !clients_[0]->running()) return context_.progress(-1, "asking the peer for sessions");
    const UtcTime end = round->last_due() + settings_.loss_threshold;
    const double share = to_seconds(now.utc - round->begin) / to_seconds(end - round->begin);
    std::string phrase;
    if (round->forward) phrase = std::to_string(round->forward->sender->next_sequence()) + " packets sent";
    if (round->reverse)
      phrase += (phrase.empty() ? "" : ", ") +
                std::to_string(round->reverse->receiver->count(Receiver::Verdict::recorded)) + " received";
    context_.progress(std::clamp(share, 0.0, 1.0), phrase + " of " + std::to_string(settings_.count));
  }

  void over(std::unique_ptr<Round> round, Now, Outbox& out) override {
    context_.report(result_of(*round, order_, settings_, context_));
    if (!stopping()) out.finish();
  }

  void cannot_begin(const std::string& sentence, Now now, Outbox& out) override {
    context_.report(failed_result({now.utc, now.utc}, sentence, order_, settings_, context_));
    out.finish();
  }

  SteadyTime next_tell_ = kNever;
};

}  // namespace

SessionPtr make_single_run(const RunOrder& order, ProbeContext& context) {
  return std::make_unique<SingleRun>(order, context);
}

}  // namespace sonde::owamp
