#include "appliance/run_session.h"

namespace sonde {

RunSession::RunSession(const ProbeType& type, RunOrder order, ProbeContext context, Ended ended)
    : order_(std::move(order)),
      context_(std::move(context)),
      report_(std::move(context_.report)),
      ended_(std::move(ended)) {
  context_.report = [this](Result result) { note(std::move(result)); };
  inner_ = type.open(order_, context_);
}

void RunSession::note(Result result) {
  reported_ = true;
  outcome_ = result.outcome;
  sentence_ = result.sentence;
  report_(std::move(result));
}

RunSession::~RunSession() {
  inner_.reset();
  if (!reported_ && order_.spec.schedule.kind != Schedule::Kind::continuous) {
    Result result;
    result.begin = order_.planned;
    result.end = context_.clock.utc_now();
    result.outcome = Outcome::failed;
    result.sentence =
        "The run was cut off before it had a result: the node was stopping, or the session failed; its log "
        "says more.";
    note(std::move(result));
  }
  ended_(outcome_, sentence_);
}

}  // namespace sonde
