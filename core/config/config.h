#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/config/host_settings.h"
#include "core/measurement/pause_window.h"
#include "core/measurement/test_spec.h"

namespace sonde {

/// Who and where this node is, as told at the first run.
struct Site {
  std::string node_id;  ///< 128 bits in hexadecimal, made at the first start
  std::string name;     ///< "sonde-gva.example.org"
  std::string organisation;
  std::string place;                          ///< "Geneva"
  std::optional<double> latitude, longitude;  ///< degrees
  std::string contact;                        ///< e-mail
  std::string administrator;                  ///< who answers for it; empty = not told
  std::vector<std::string> communities;       ///< of interest: "LHC", "US ATLAS"
  friend bool operator==(const Site&, const Site&) = default;
};

/// One row of the table source prefix × engine. The longest matching prefix decides; no row = refused.
struct EngineRule {
  std::string engine;  ///< "owamp", "ping", "twamp", "stamp", "throughput"; "*" = every one
  Prefix source;
  bool allow = false;
  std::uint32_t packets_per_second = 100;
  std::uint32_t seconds = 3600;          ///< longest session
  std::uint32_t seconds_per_hour = 600;  ///< of the slot for heavy tests, to one source
  std::uint32_t streams = 6;
  std::uint32_t sessions = 16;  ///< at once
  std::uint64_t octets_per_day = 1'000'000'000;
  friend bool operator==(const EngineRule&, const EngineRule&) = default;
};

struct Settings {
  std::pair<std::uint16_t, std::uint16_t> test_ports{8760, 8960};  ///< UDP, for all tests
  Duration spin{};                                                 ///< the operator's spin budget
  std::vector<std::string> web_names;                              ///< host names that the page may be asked by
  bool public_reading = false;
  std::string banner;                   ///< on every page: "test system"; empty = none
  std::uint64_t disk_limit_octets = 0;  ///< 0 = what is free less 10 %
  friend bool operator==(const Settings&, const Settings&) = default;
};

/// Everything an operator decides but secrets. A plain value; a change is a new one.
struct Config {
  bool set_up = false;  ///< the first-run page was finished
  Site site;
  Settings settings;
  std::optional<HostSettings> host;                     ///< empty = not ours to set: no appliance
  std::optional<std::vector<EngineRule>> engine_rules;  ///< empty = section absent (before set-up: see core/access)
  std::vector<Peer> peers;
  std::vector<TestSpec> tests;
  std::vector<PauseWindow> pauses;  ///< nobody measures
  const Peer* peer(const std::string& id) const;
  const TestSpec* test(const std::string& id) const;
  friend bool operator==(const Config&, const Config&) = default;
};

}  // namespace sonde
