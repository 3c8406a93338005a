#include <CLI/CLI.hpp>
#include <clocale>
#include <cstdlib>
#include <iostream>

#include "appliance/appliance.h"
#include "appliance/backup_commands.h"
#include "appliance/check_command.h"
#include "appliance/commands.h"
#include "appliance/console/console.h"
#include "appliance/data_folder.h"
#include "appliance/host_daemon.h"
#include "appliance/image_command.h"
#include "appliance/measure.h"
#include "appliance/setup_commands.h"
#include "appliance/version.h"
#include "core/base/error.h"
#include "probes/catalogue.h"

namespace {

using namespace sonde;

/// What the sub-commands share: every one takes --data.
void add_data(CLI::App& command, std::string& data) {
  command.add_option("--data", data, "data folder (default: /var/lib/sonde as root, else $XDG_DATA_HOME/sonde)");
}

/// "50M" as bit/s; iperf3's letters, in thousands.
std::string rate_of(std::string text) {
  static constexpr std::string_view kLetters = "KMGT";
  if (text.empty()) return text;
  const auto letter = kLetters.find(static_cast<char>(std::toupper(static_cast<unsigned char>(text.back()))));
  if (letter == std::string_view::npos) return text;
  text.pop_back();
  return text + "e" + std::to_string(3 * (letter + 1));
}

void add_throughput(CLI::App& command, MeasureOrder& order) {
  const auto set = [&command, &order](const char* flag, const char* name, const char* value, const char* help) {
    return command.add_flag_callback(
        flag, [&order, name, value] { order.options[name] = value; }, help);
  };
  command.add_option_function<std::string>(
      "--duration", [&order](const std::string& v) { order.options["duration"] = parse_duration(v) ? v : v + "s"; },
      "throughput: how long the data flows: 30 (seconds) or 1min");
  auto* reverse = set("--reverse", "direction", "reverse", "throughput: from the far end to here");
  set("--bidir", "direction", "both", "throughput: both ways at the same time")->excludes(reverse);
  set("--udp", "protocol", "udp", "throughput: UDP instead of TCP");
  command.add_option_function<std::string>(
      "--parallel", [&order](const std::string& v) { order.options["parallel"] = v; }, "throughput: streams");
  command.add_option_function<std::string>(
      "--rate", [&order](const std::string& v) { order.options["rate"] = rate_of(v); },
      "throughput: bit/s of each stream, as 50M");
  command.add_flag("--iperf3-json", order.iperf3_json, "throughput: the document that iperf3 --json prints");
}

void add_measure(CLI::App& app, MeasureOrder& order, std::string& data, bool& v4, bool& v6) {
  auto* command = app.add_subcommand("measure", "measure once, now, and print the result with its error");
  static std::vector<std::string> settings;
  command->add_option("probe", order.probe, "ping, owamp, throughput, trace, clock, interfaces")->required();
  command->add_option("host", order.host, "name or address of the far end");
  const auto option = [command, &order](const char* flag, const char* name, const char* help) {
    command->add_option_function<std::string>(
        flag, [&order, name](const std::string& v) { order.options[name] = v; }, help);
  };
  option("--count", "count", "packets to send");
  command->add_option_function<std::string>(
      "--interval", [&order](const std::string& v) { order.options["interval"] = parse_duration(v) ? v : v + "s"; },
      "between packets: 0.1 (seconds) or 100ms");
  add_throughput(*command, order);
  command->add_option_function<std::vector<std::string>>(
      "-o,--option",
      [&order](const std::vector<std::string>& all) {
        for (const std::string& one : all) {
          const auto equals = one.find('=');
          if (equals == std::string::npos) throw CLI::ValidationError("--option " + one + ": write NAME=VALUE");
          order.options[one.substr(0, equals)] = one.substr(equals + 1);
        }
      },
      "NAME=VALUE, any option of the probe");
  command->add_option("--port", order.port, "the far end's control port")->check(CLI::Range(1, 65535));
  command->add_flag("-4", v4, "IPv4 only");
  command->add_flag("-6", v6, "IPv6 only")->excludes("-4");
  command->add_option("--from", order.source, "own address to send from");
  command->add_flag("--json", order.json, "the result as the API carries it");
  command->add_option("--raw", order.raw_file, "write one line a packet: direction seq send_ns receive_ns");
  add_data(*command, data);
}

void add_run(CLI::App& app, RunOptions& options, std::string& data) {
  auto* command = app.add_subcommand("run", "run the node until told to stop");
  command->add_option("--listen", options.listen, "address of the web page (default: all)");
  command->add_option("--port-offset", options.port_offset, "added to every port, for several nodes on one host")
      ->check(CLI::Range(0, 50000));
  command->add_option("--web-port", options.web_port, "port of the web page")->check(CLI::Range(1, 65535));
  command->add_flag("--appliance", options.appliance, "the machine is Sonde's own")->group("");
  add_data(*command, data);
}

void add_others(CLI::App& app, ResultsOrder& results, std::string& data) {
  add_data(*app.add_subcommand("status", "what the running node does"), data);
  add_data(*app.add_subcommand("setup-code", "the code that the first-run page asks for"), data);
  app.add_subcommand("hash-password", "the hash of a password, for a set-up file");
  add_data(*app.add_subcommand("reset-password", "a new password for the administrator, as local root"), data);
  auto* command = app.add_subcommand("results", "stored results, newest first");
  auto* csv = command->add_flag("--csv", results.csv, "one line a statistic");
  command->add_flag("--json", results.json, "as the API carries them")->excludes(csv);
  command->add_option("--test", results.test, "only of this test (its id)");
  command->add_option("--from", results.from, "since, as 2026-11-21T06:00:00Z");
  command->add_option("--to", results.to, "until");
  command->add_option("--limit", results.limit, "at most so many (default 100)")->check(CLI::Range(1, 10000));
  add_data(*command, data);
}

struct SetupOrder {
  std::string file, address;
  bool check = false;
};

void add_setup_file(CLI::App& app, SetupOrder& setup, std::string& data) {
  auto* command = app.add_subcommand("setup-file", "set the running node up by a file instead of its page");
  command->add_option("file", setup.file, "sonde-setup.xml, as docs/setup-file.md describes it")->required();
  command->add_flag("--check", setup.check, "say what is wrong with it and change nothing");
  add_data(*command, data);
}

/// Words of the live appliance's own system: init calls them, people do not.
void add_host(CLI::App& app, bool& prepare, SetupOrder& setup) {
  auto* command = app.add_subcommand("host", "the live appliance's root helper");
  command->group("");
  command->add_flag("--prepare", prepare, "once at the boot");
  app.add_subcommand("setup", "the live appliance's console")->group("");
  auto* fetch = app.add_subcommand("fetch-setup", "bring a set-up file from an address, for the root helper");
  fetch->group("");
  fetch->add_option("address", setup.address)->required();
  fetch->add_option("file", setup.file, "where it goes to")->required();
}

void add_backups(CLI::App& app, std::string& backup_file, RestoreOrder& restore, std::string& data) {
  auto* backup = app.add_subcommand("backup", "write configuration and measurements of the running node into one file");
  backup->add_option("file", backup_file, "to be written; ends well in .tar.gz")->required();
  add_data(*backup, data);
  auto* command = app.add_subcommand("restore", "put a backup in place; what is there can be brought back once");
  auto* file = command->add_option("file", restore.file, "the backup");
  command->add_option("--as", restore.as, "same: goes on as the node that was backed up; copy: with an id of its own")
      ->check(CLI::IsMember({"same", "copy"}));
  command->add_flag("--undo", restore.undo, "go back to what was before the last restore")->excludes(file);
  add_data(*command, data);
}

void add_check(CLI::App& app, CheckOrder& order, std::string& data) {
  auto* command = app.add_subcommand("check", "is this host fit to measure? What to mend, and how");
  command->add_flag("--json", order.json, "the report as the API carries it");
  add_data(*command, data);
}

void add_image(CLI::App& app, ImageOrder& image) {
  auto* command =
      app.add_subcommand("image", "what an image is, and whether it is signed with a key that is known here");
  command->add_option("file", image.file, "the image (.iso)")->required();
  command->add_option("--keys", image.keys,
                      "file of public keys, 64 hexadecimal digits a line (default: the appliance's own)");
}

/// Everything that a command line can say.
struct Orders {
  MeasureOrder measured;
  RunOptions run;
  ResultsOrder results;
  RestoreOrder restore;
  CheckOrder check;
  SetupOrder setup;
  ImageOrder image;
  std::string data, backup_file;
  bool v4 = false, v6 = false, prepare = false;
};

/// What needs no data folder, and so no home to find one in; -1 = something else was asked.
int dispatch_without_data(const CLI::App& app, Orders& orders) {
  if (orders.v4) orders.measured.family = Family::v4;
  if (orders.v6) orders.measured.family = Family::v6;
  if (app.got_subcommand("measure")) return measure(orders.measured, probe_catalogue());
  if (app.got_subcommand("image")) return describe_image(orders.image);
  if (app.got_subcommand("setup")) return run_console();
  if (app.got_subcommand("host")) return orders.prepare ? prepare_host() : run_host_helper();
  if (app.got_subcommand("fetch-setup")) return fetch_setup_file(orders.setup.address, orders.setup.file);
  if (app.got_subcommand("hash-password")) return hash_password();
  return -1;
}

int dispatch(const CLI::App& app, Orders& orders) {
  if (const int ended = dispatch_without_data(app, orders); ended >= 0) return ended;
  const std::filesystem::path folder =
      orders.data.empty() ? standard_data_folder() : std::filesystem::path(orders.data);
  if (app.got_subcommand("run")) {
    orders.run.data = folder;
    return run_appliance(orders.run, probe_catalogue());
  }
  if (app.got_subcommand("status")) return print_status(folder);
  if (app.got_subcommand("setup-code")) return print_setup_code(folder);
  if (app.got_subcommand("setup-file")) return set_up_by_file(folder, orders.setup.file, orders.setup.check);
  if (app.got_subcommand("reset-password")) return reset_password(folder);
  if (app.got_subcommand("check")) return check_host(folder, orders.check, probe_catalogue());
  if (app.got_subcommand("backup")) return write_backup(folder, orders.backup_file);
  if (app.got_subcommand("restore")) return restore_backup(folder, orders.restore, probe_catalogue());
  return print_results(folder, orders.results);
}

}  // namespace

int main(int argc, char** argv) {
  std::setlocale(LC_NUMERIC, "C");
  CLI::App app{
      "Sonde measures how the paths from here to the rest of the world behave: one-way delay, loss, routes, load.",
      "sonde"};
  app.set_version_flag("--version", std::string(version()));
  app.require_subcommand(1);
  Orders orders;
  add_run(app, orders.run, orders.data);
  add_measure(app, orders.measured, orders.data, orders.v4, orders.v6);
  add_others(app, orders.results, orders.data);
  add_check(app, orders.check, orders.data);
  add_setup_file(app, orders.setup, orders.data);
  add_backups(app, orders.backup_file, orders.restore, orders.data);
  add_image(app, orders.image);
  add_host(app, orders.prepare, orders.setup);
  try {
    app.parse(argc, argv);
    return dispatch(app, orders);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const std::exception& error) {
    std::cerr << "sonde: " << error.what() << '\n';
    return 1;
  }
}
