#include "appliance/commands.h"

#include <Poco/URI.h>

#include <array>
#include <cstdio>
#include <iostream>

#include "appliance/administrator.h"
#include "appliance/data_folder.h"
#include "appliance/local_client.h"
#include "appliance/password_prompt.h"
#include "appliance/result_text.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/json_fields.h"
#include "core/base/linux_clock.h"

namespace sonde {
namespace {

Json get(const std::filesystem::path& data, const std::string& path) {
  return object_of(ask_node(data, "GET", "/api/v1" + path));
}

/// Each object of the list, if there is one.
template <typename Use>
void each(const Json& holder, const std::string& key, Use use) {
  if (const Json* list = holder.find(key))
    for (const Json& item : list->items) use(item);
}

std::optional<double> number(const Json* object, const std::string& key) {
  const Json* found = object == nullptr ? nullptr : object->find(key);
  if (found == nullptr || found->kind != Json::Kind::number) return std::nullopt;
  return found->number;
}

std::string octets(const Json* object, const std::string& key) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3g MB", number(object, key).value_or(0) / 1e6);
  return text.data();
}

void print_runs(const std::filesystem::path& data) {
  bool any = false;
  each(get(data, "/runs"), "items", [&](const Json& run) {
    const std::string state = text_of(run, "state");
    if (state != "running" && state != "queued") return;
    if (!any) std::cout << "\nRuns\n";
    any = true;
    std::cout << "  " << state << "  " << text_of(run, "title") << "  " << text_of(run, "phase")
              << text_of(run, "sentence") << '\n';
  });
}

void print_paths(const std::filesystem::path& data) {
  const Json paths = get(data, "/paths");
  std::cout << "\nPaths: " << text_of(paths, "sentence") << '\n';
  each(paths, "items", [](const Json& path) {
    std::cout << "  " << text_of(path, "state") << "  " << text_of(path, "peer_name") << " ("
              << text_of(path, "remote_address") << ")  " << text_of(path, "sentence") << '\n';
  });
}

/// A field of a CSV line (RFC 4180); never read as a formula by a spreadsheet.
std::string csv(const Json* value) {
  if (value == nullptr || value->kind == Json::Kind::null) return "";
  if (value->kind == Json::Kind::number) {
    std::array<char, 40> text{};
    std::snprintf(text.data(), text.size(), "%.12g", value->number);
    return text.data();
  }
  std::string quoted = "\"";
  if (!value->text.empty() && std::string_view("=+-@").find(value->text.front()) != std::string_view::npos)
    quoted += '\'';
  for (const char c : value->text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

/// One line a statistic; a result without statistics has one line.
void print_csv(const Json& results) {
  std::cout << "id,test,probe,begin,end,outcome,sentence,direction,subject,metric,value,unit,low,high,basis\n";
  each(results, "items", [](const Json& result) {
    std::string head;
    for (const char* field : {"id", "test", "probe", "begin", "end", "outcome", "sentence"})
      head += csv(result.find(field)) + ',';
    const Json* statistics = result.find("statistics");
    if (statistics == nullptr || statistics->items.empty()) std::cout << head << ",,,,,,,\n";
    each(result, "statistics", [&](const Json& one) {
      const Json* interval = one.find("interval");
      std::cout << head << csv(one.find("direction")) << ',' << csv(one.find("subject")) << ','
                << csv(one.find("metric")) << ',' << csv(one.find("value")) << ',' << csv(one.find("unit")) << ','
                << csv(interval == nullptr ? nullptr : interval->find("low")) << ','
                << csv(interval == nullptr ? nullptr : interval->find("high")) << ',' << csv(one.find("basis")) << '\n';
    });
  });
}

bool node_runs(const std::filesystem::path& data) {
  try {
    return ask_node(data, "GET", "/api/v1/health").status > 0;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

int print_status(const std::filesystem::path& data) {
  const Json node = get(data, "/node");
  std::cout << "Sonde " << text_of(node, "version") << ": " << text_of(node, "sentence") << '\n';
  const Json door = object_of(ask_node(data, "GET", "/local/console"));
  const std::string link = text_of(door, "link");
  std::cout << "Page: " << link.substr(0, link.find('#')) << "\nIts certificate: " << text_of(door, "fingerprint")
            << '\n';
  each(node, "ports", [](const Json& port) {
    if (!text_of(port, "sentence").empty() && text_of(port, "direction") == "in")
      std::cout << "  " << text_of(port, "purpose") << ": " << text_of(port, "sentence") << '\n';
  });
  const Json* clock = node.find("clock");
  std::cout << "Clock: " << (clock == nullptr ? "" : text_of(*clock, "source"));
  if (const auto bound = number(clock, "bound_s")) std::cout << ", within " << format_value(Unit::seconds, bound);
  const Json* disk = node.find("disk");
  std::cout << "\nDisk: " << octets(disk, "used_bytes") << " used, " << octets(disk, "free_bytes") << " free. "
            << (disk == nullptr ? "" : text_of(*disk, "sentence")) << '\n';
  print_runs(data);
  print_paths(data);
  return 0;
}

int print_setup_code(const std::filesystem::path& data) {
  const LocalAnswer answer = ask_node(data, "GET", "/local/setup-code");
  const Json object = object_of(answer);
  std::cout << text_of(object, "code") << '\n' << text_of(object, "link") << '\n';
  return 0;
}

int reset_password(const std::filesystem::path& data) {
  const auto password = ask_new_password("New password of the administrator: ");
  if (!password) return 1;
  if (node_runs(data)) {
    const JsonWriter json = JsonWriter().begin_object().field("password", *password).end_object();
    std::cout << text_of(object_of(ask_node(data, "POST", "/local/reset-password", json.text())), "sentence") << '\n';
    return 0;
  }
  const DataFolder folder(data);
  LinuxClock clock;
  Access access(data, clock, Log());
  const ResetOutcome outcome = reset_administrator(access, *password);
  (outcome.done ? std::cout : std::cerr) << outcome.sentence << '\n';
  return outcome.done ? 0 : 1;
}

int print_results(const std::filesystem::path& data, const ResultsOrder& order) {
  Poco::URI uri("/api/v1/results");
  uri.addQueryParameter("limit", std::to_string(order.limit));
  if (!order.test.empty()) uri.addQueryParameter("test", order.test);
  if (!order.from.empty()) uri.addQueryParameter("from", order.from);
  if (!order.to.empty()) uri.addQueryParameter("to", order.to);
  const LocalAnswer answer = ask_node(data, "GET", uri.toString());
  const Json results = object_of(answer);
  if (order.json)
    std::cout << answer.body << '\n';
  else
    print_csv(results);
  return 0;
}

}  // namespace sonde
