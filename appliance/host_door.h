#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

#include "appliance/host_client.h"
#include "appliance/staged_image.h"
#include "appliance/worker.h"
#include "core/base/log.h"
#include "core/config/config.h"
#include "core/setup/facts.h"
#include "web/machine.h"

namespace sonde {

/// The node's side of the live appliance's root helper. Any thread; what waits for the helper has threads of its own,
/// and whoever asks in a request waits at most 10 s. The helper ends this process while it moves the data: nothing here
/// outlasts stop().
class HostDoor final : public Machine {
 public:
  using Ask = std::function<Json(const std::string& word, const std::string& arguments, Duration limit,
                                 const std::stop_token& stop)>;
  struct Parts {
    Log log;
    Ask ask = ask_host;
    SlotPlaces places{};                          ///< where the file of an upgrade waits
    std::string data = "/data";                   ///< whose size is told
    Duration farewell = std::chrono::seconds(1);  ///< before the helper ends this process: for the answer to get away
    Duration look = std::chrono::seconds(1);      ///< while somebody looks
    std::function<web::FetchRules()> rules{};     ///< others in tests
  };
  explicit HostDoor(Parts parts);
  ~HostDoor() override;
  /// Nothing waits for the helper any more.
  void stop();

  /// Each change in a sentence, for the record. Set before anybody can ask for one.
  void record_with(std::function<void(const std::string&)> record) { record_ = std::move(record); }
  /// The configuration is another one: what the machine is told by it is put in force, unless none of that changed.
  void running(const std::shared_ptr<const Config>& config);
  /// Has the helper apply a row of the tuning table; empty = done, else why not. Waits for it.
  std::optional<std::string> mend(std::string_view row) const;
  /// What is wrong with the machine and must be mended, as the helper wrote it down; waits for nobody.
  std::string trouble() const;
  /// What only the appliance knows: that the machine is ours, and where data may be kept.
  void add(SetupFacts& facts) const;
  /// What was last told, without asking anew: for each picture of the node.
  std::shared_ptr<const MachineView> newest() const;

  MachineView view() override;
  std::optional<Problem> use_data(const DriveChoice& choice, const std::string& by) override;
  std::optional<Problem> check_data(const DriveChoice& choice) override;
  std::optional<Problem> install(const DriveChoice& choice, const std::string& by) override;
  std::optional<Problem> take_image(const Reader& read, std::uint64_t octets, bool older,
                                    const std::string& by) override;
  std::optional<Problem> fetch_image(const std::string& url, bool older, const std::string& by) override;
  std::optional<Problem> drop_image(const std::string& by) override;
  std::optional<Problem> upgrade(bool older, const std::string& by) override;
  std::optional<Problem> go_back(const std::string& by) override;
  std::optional<Problem> restart(const std::string& by) override;
  std::optional<Problem> power_off(const std::string& by) override;

 private:
  Json ask(const std::string& word, const std::string& arguments = "{}",
           Duration limit = std::chrono::seconds(10)) const;
  void watch(const std::stop_token& stop);
  void look();
  void follow_upgrade(const MachineView& view);
  /// The drives as they are now; throws Error.
  MachineView look_at_drives() const;
  /// Asks for work of the helper's that it tells of itself.
  std::optional<Problem> begin(const std::string& word, const std::string& arguments);
  /// What ends this process: goes out after the answer.
  std::optional<Problem> order(const std::string& word, const std::string& arguments, const std::string& sentence);
  void carry_out(const std::string& word, const std::string& arguments);
  std::optional<Problem> refuse_while_busy() const;
  std::optional<Problem> need_slots() const;
  void record(const std::string& sentence, const std::string& by) const;

  const Parts parts_;
  std::function<void(const std::string&)> record_;
  std::shared_ptr<const Config> applied_;
  std::stop_source stop_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::shared_ptr<const MachineView> newest_;             // guarded by mutex_
  std::optional<MachineWork> order_;                      // guarded by mutex_: of ours, which the helper does not tell
  bool poked_ = false;                                    // guarded by mutex_
  std::chrono::steady_clock::time_point looked_{};        // guarded by mutex_
  std::chrono::steady_clock::time_point wanted_until_{};  // guarded by mutex_
  bool upgrading_ = false, settled_ = false;              // guarded by mutex_
  StagedImage image_;
  mutable Worker worker_;  // its tasks use the rest
  std::jthread watcher_;   // last
};

}  // namespace sonde
