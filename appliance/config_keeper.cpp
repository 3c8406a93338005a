#include "appliance/config_keeper.h"

#include "core/base/error.h"

namespace sonde {
namespace {

constexpr std::size_t kRoom = 100;

}  // namespace

ConfigKeeper::ConfigKeeper(TaskLoop& tasks, Worker& files, Config first, Hooks hooks)
    : tasks_(tasks),
      files_(files),
      hooks_(std::move(hooks)),
      current_(std::make_shared<const Config>(std::move(first))) {}

void ConfigKeeper::change(Node::Edit edit, std::optional<std::uint64_t> if_revision, Done done) {
  if (!locked_.empty()) return done(Problem{409, "", locked_});
  if (waiting_.size() >= kRoom)
    return done(Problem{503, "", "100 changes wait to be written already; try again in a moment."});
  waiting_.push_back({std::move(edit), if_revision, std::move(done)});
  next();
}

void ConfigKeeper::adopt(const std::function<Config(const Config&)>& make) {
  current_ = std::make_shared<const Config>(make(*current_));
  ++revision_;
  hooks_.running(current_);
}

void ConfigKeeper::next() {
  if (busy_ || waiting_.empty()) return;
  busy_ = true;
  const Change& change = waiting_.front();
  if (change.if_revision && *change.if_revision != revision_)
    return finish(
        nullptr,
        Problem{412, "If-Match",
                "Somebody changed the configuration since you read it; read it again and repeat your change."});
  auto made = std::make_shared<Config>(*current_);
  if (auto problem = change.edit(*made)) return finish(nullptr, std::move(problem));
  if (*made == *current_) return finish(nullptr, std::nullopt);
  if (auto problem = hooks_.check(*made)) return finish(nullptr, std::move(problem));
  const auto write = [this, made = std::shared_ptr<const Config>(std::move(made))] {
    std::optional<Problem> problem;
    try {
      hooks_.write(*made);
    } catch (const Error& error) {
      problem = Problem{503, "",
                        "The change was not saved, the old configuration goes on: " + std::string(error.what()) + "."};
    }
    tasks_.post([this, made, problem] { finish(problem ? nullptr : made, problem); });
  };
  if (!files_.post(write)) finish(nullptr, Problem{503, "", "The node is stopping; nothing was changed."});
}

void ConfigKeeper::finish(std::shared_ptr<const Config> made, std::optional<Problem> problem) {
  Change change = std::move(waiting_.front());
  waiting_.pop_front();
  busy_ = false;
  if (made) {
    current_ = std::move(made);
    ++revision_;
    hooks_.running(current_);
  }
  change.done(std::move(problem));
  next();
}

}  // namespace sonde
