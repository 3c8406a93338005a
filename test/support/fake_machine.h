#pragma once

#include <string>
#include <vector>

#include "web/machine.h"

namespace sonde::test {

/// A machine that remembers what it was asked for, and refuses all with `refusal` where there is one.
class FakeMachine final : public Machine {
 public:
  FakeMachine() {
    now.known = true;
    now.version = "0.2.0+development";
    now.drives = {{"vda", "Drive, serial number disk0", "empty", "disk0", 512 << 20, false, true, "It is too small."},
                  {"vdb1", "partition of vdb", "Sonde's data", "", 1 << 30, true, false, "This is a part of a drive."}};
    now.slots = {{'a', "0.2.0+development", "0123456789abcdef", ""}, {'b', "", "", "Nothing is in it."}};
    now.work = MachineWork{"install", "copying", 10, 20};
  }
  MachineView now;
  std::optional<Problem> refusal;
  std::vector<std::string> asked;  ///< the words, in order, with what matters of each
  std::string taken;               ///< the octets of an upload

  MachineView view() override { return now; }
  std::optional<Problem> use_data(const DriveChoice& choice, const std::string& by) override {
    return note("data " + words_of(choice) + " by " + by);
  }
  std::optional<Problem> check_data(const DriveChoice& choice) override { return note("check " + words_of(choice)); }
  std::optional<Problem> install(const DriveChoice& choice, const std::string& by) override {
    return note("install " + words_of(choice) + " by " + by);
  }
  std::optional<Problem> take_image(const Reader& read, std::uint64_t octets, bool older, const std::string&) override {
    char piece[16];
    for (std::size_t n = 1; !refusal && n > 0;) {
      n = read(piece).value_or(0);
      taken.append(piece, n);
    }
    return note("image of " + std::to_string(octets) + (older ? " older" : ""));
  }
  std::optional<Problem> fetch_image(const std::string& url, bool older, const std::string&) override {
    return note("fetch " + url + (older ? " older" : ""));
  }
  std::optional<Problem> drop_image(const std::string&) override { return note("drop"); }
  std::optional<Problem> upgrade(bool older, const std::string&) override { return note(older ? "older" : "upgrade"); }
  std::optional<Problem> go_back(const std::string& by) override { return note("back by " + by); }
  std::optional<Problem> restart(const std::string&) override { return note("restart"); }
  std::optional<Problem> power_off(const std::string&) override { return note("off"); }

 private:
  static std::string words_of(const DriveChoice& choice) {
    return choice.drive + " " + choice.typed + (choice.format ? " format" : "");
  }
  std::optional<Problem> note(const std::string& word) {
    asked.push_back(word);
    return refusal;
  }
};

}  // namespace sonde::test
