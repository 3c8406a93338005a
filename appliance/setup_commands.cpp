#include "appliance/setup_commands.h"

#include <cerrno>
#include <iostream>

#include "appliance/host_places.h"
#include "appliance/linux_data_machine.h"
#include "appliance/local_client.h"
#include "appliance/password_prompt.h"
#include "appliance/setup_facts.h"
#include "core/access/password.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/json.h"
#include "core/net/linux_interfaces.h"
#include "web/fetcher.h"

namespace sonde {
namespace {

std::string request_of(const SetupFile& file) {
  JsonWriter out;
  out.begin_object().key("answers").begin_object();
  for (const auto& [key, value] : file.answers) out.field(key, value);
  out.end_object().field("password_hash", file.password_hash).end_object();
  return std::move(out).take();
}

}  // namespace

int hash_password() {
  const auto password = ask_new_password("Password: ");
  if (!password) return 1;
  if (const std::string sentence = check_password("", *password); !sentence.empty()) {
    std::cerr << sentence << '\n';
    return 1;
  }
  std::cout << PasswordHasher().hash(*password).value() << '\n';
  return 0;
}

int fetch_setup_file(const std::string& address, const std::filesystem::path& into) {
  web::FetchRules rules{.most = kMostSetupFileOctets};
  for (const InterfaceState& one : read_interfaces())
    for (const Prefix& own : one.addresses) rules.own.push_back(own.address);
  std::string text;
  web::fetch(
      address, rules, [](std::uint64_t) {},
      [&](std::span<const char> piece) { text.append(piece.data(), piece.size()); }, {});
  write_file_atomically(into, text, 0600);
  return 0;
}

bool node_is_set_up(const std::filesystem::path& data) {
  const Json node = object_of(ask_node(data, "GET", "/local/console"));
  const Json* set_up = node.find("set_up");
  return set_up && set_up->boolean;
}

void set_up_node(const std::filesystem::path& data, const SetupFile& file) {
  object_of(ask_node(data, "POST", "/api/v1/setup", request_of(file)));
}

int set_up_by_file(const std::filesystem::path& data, const std::filesystem::path& file, bool only_check) {
  const auto text = read_file(file, kMostSetupFileOctets + 1);
  if (!text) throw Error("There is no file " + file.string() + ".");
  SetupFacts facts = setup_facts(read_interfaces());
  if (std::filesystem::exists(host::kSocket)) {
    facts.appliance = true;
    facts.disks = places_for_data(LinuxDataMachine().disks());
  }
  const SetupFileParsed parsed = parse_setup_file(*text, file.filename().string(), facts);
  if (!parsed.file) {
    std::cerr << parsed.sentence << " Nothing was changed.\n";
    return 1;
  }
  if (only_check) {
    std::cout << file.string() << " can be used: nothing in it is wrong.\n";
    return 0;
  }
  set_up_node(data, *parsed.file);
  std::cout << "This node is set up by " << file.string() << ".\n";
  return 0;
}

}  // namespace sonde
