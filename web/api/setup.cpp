#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "core/access/limits.h"
#include "core/access/secret.h"
#include "core/config/text_rules.h"
#include "web/api/change.h"
#include "web/api/fields.h"
#include "web/api/granted.h"
#include "web/api/reply.h"
#include "web/api/resources.h"
#include "web/api/session_json.h"
#include "web/api/site_json.h"

namespace sonde::web {
namespace {

constexpr std::string_view kCodeHeader = "Sonde-Setup-Code";

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

std::string time_zone() {
  std::error_code error;
  const auto target = std::filesystem::read_symlink("/etc/localtime", error).string();
  const auto at = target.find("zoneinfo/");
  return at == std::string::npos ? "UTC" : target.substr(at + 9);
}

void write_suggestions(JsonWriter& out, const Snapshot& now) {
  Site site = now.config->site;
  if (site.name.empty()) site.name = host_name();
  out.key("suggestions").begin_object().key("site");
  write_site(out, site, true);
  out.key("networks").begin_array();
  for (const Prefix& network : on_link_networks(now.health.interfaces))
    if (!network.address.is_link_local()) out.value(network.text());
  out.end_array().key("addresses").begin_array();
  for (const InterfaceState& interface : now.health.interfaces)
    for (const Prefix& address : interface.addresses)
      if (!interface.loopback && !address.address.is_link_local()) out.value(address.address.text());
  out.end_array();
  clock_field(out, "clock", now.clock);
  out.field("time_zone", time_zone()).key("first_tests").begin_array();
  for (const FirstTest& test : now.first_tests) {
    out.begin_object().field("id", test.spec.id).field("title", test.spec.title).field("sentence", test.sentence);
    out.field("selected", test.selected).field("leaves_host", test.leaves_host).end_object();
  }
  out.end_array().end_object();
}

HttpResponse wrong_code(SetupCode& code, SetupCode::Answer answer) {
  const Duration pause = code.pause_left();
  if (answer == SetupCode::Answer::paused || pause > Duration::zero()) {
    const auto left = std::chrono::ceil<std::chrono::seconds>(std::max<Duration>(pause, std::chrono::seconds(1)));
    HttpResponse response = problem(429, std::string(kCodeHeader),
                                    "After five wrong codes none is taken for " + format_duration(left) + ".");
    response.headers.emplace_back("Retry-After", std::to_string(left.count()));
    return response;
  }
  return problem(403, std::string(kCodeHeader),
                 "This is not the set-up code; it stands on this node's console and changes with each start.");
}

/// Without the header nothing is counted, so that the page can ask what is needed.
HttpResponse get_setup(Call& call) {
  SetupCode& code = call.access().setup_code();
  bool accepted = call.request.is_local_socket;
  if (!call.set_up && call.request.has_header(kCodeHeader)) {
    const auto answer = code.check(call.request.header(kCodeHeader));
    if (answer != SetupCode::Answer::right) return wrong_code(code, answer);
    accepted = true;
  }
  JsonWriter out;
  out.begin_object().field("set_up", call.set_up).field("code_needed", !call.set_up).field("code_accepted", accepted);
  out.field("paused_s", to_seconds(code.pause_left()));
  if (accepted && !call.set_up)
    write_suggestions(out, *call.now);
  else
    out.key("suggestions").null();
  out.end_object();
  return json_reply(std::move(out));
}

struct From {
  enum { nobody, networks, anyone } who = nobody;
  std::vector<Prefix> prefixes;
};

From read_from(Fields& in, std::string_view name) {
  static constexpr std::string_view kWords[] = {"nobody", "networks", "anyone"};
  in.must(name);
  Fields inner = in.object(name);
  From from;
  from.who = static_cast<decltype(from.who)>(inner.word("from", kWords, 0));
  for (const std::string& text : inner.texts("networks", 64)) {
    const auto prefix = Prefix::parse(text);
    if (prefix)
      from.prefixes.push_back(*prefix);
    else
      inner.refuse("networks", refusal("networks", text, "a prefix without host bits, as in 192.0.2.0/24"));
  }
  if (from.who == From::networks && from.prefixes.empty())
    inner.refuse("networks", "networks: at least one prefix is needed, or choose nobody.");
  if (from.who == From::anyone) from.prefixes = {*Prefix::parse("0.0.0.0/0"), *Prefix::parse("::/0")};
  if (from.who == From::nobody) from.prefixes.clear();
  in.join(inner);
  return from;
}

/// Throughput from outside starts small: an hour's share and UDP are bounded by the engine itself.
void add_rules(std::vector<EngineRule>& rules, const From& from, std::span<const std::string_view> engines,
               bool throughput) {
  for (const Prefix& prefix : from.prefixes) {
    for (const std::string_view engine : engines) {
      EngineRule rule;
      rule.engine = engine;
      rule.source = prefix;
      rule.allow = true;
      if (throughput) rule.seconds = 60, rule.streams = 6, rule.sessions = 4, rule.octets_per_day = 100'000'000'000;
      const bool known = std::ranges::any_of(
          rules, [&](const EngineRule& r) { return r.engine == rule.engine && r.source == rule.source; });
      if (!known) rules.push_back(std::move(rule));
    }
  }
}

struct Wish {
  Site site;
  std::string user, password;
  From light, throughput;
  std::vector<std::string> first_tests;
};

std::optional<Problem> read_wish(const Json& body, Wish& wish, const Snapshot& now) {
  Fields in(body);
  in.must("site");
  read_site(in, wish.site);
  wish.user = in.needed_text("user");
  wish.password = in.needed_text("password");
  wish.light = read_from(in, "light_tests");
  wish.throughput = read_from(in, "throughput");
  wish.first_tests = in.texts("first_tests", 32);
  for (const std::string& id : wish.first_tests)
    if (std::ranges::none_of(now.first_tests, [&](const FirstTest& t) { return t.spec.id == id; }))
      in.refuse("first_tests", refusal("first_tests", id, "ids of the suggestions"));
  return in.finish();
}

void add_first_test(Config& config, const FirstTest& test) {
  TestSpec spec = test.spec;
  spec.id = "t" + random_hex(5);
  if (!test.peer.address.empty()) {
    const auto known = std::ranges::find(config.peers, test.peer.address, &Peer::address);
    if (known == config.peers.end()) {
      config.peers.push_back({"p" + random_hex(5), test.peer.name, test.peer.address});
      spec.peer = config.peers.back().id;
    } else {
      spec.peer = known->id;
    }
  }
  config.tests.push_back(std::move(spec));
}

std::optional<HttpResponse> configure(Call& call, const Wish& wish) {
  return apply(
      call, "site", std::nullopt, [wish, offered = call.now->first_tests](Config& config) -> std::optional<Problem> {
        static constexpr std::string_view kLight[] = {"owamp", "twamp", "stamp", "ping"}, kHeavy[] = {"throughput"};
        if (config.set_up) return Problem{409, "", "This node has been set up already."};
        std::vector<EngineRule> rules;
        add_rules(rules, wish.light, kLight, false);
        add_rules(rules, wish.throughput, kHeavy, true);
        const std::string id = config.site.node_id;
        config.site = wish.site;
        config.site.node_id = id;
        config.engine_rules = rules;
        config.set_up = true;
        for (const FirstTest& test : offered)
          if (std::ranges::find(wish.first_tests, test.spec.id) != wish.first_tests.end()) add_first_test(config, test);
        return std::nullopt;
      });
}

/// One finisher at a time; the second finds the node set up.
HttpResponse finish_setup(Call& call) {
  static std::mutex one_at_a_time;
  SetupCode& code = call.access().setup_code();
  if (!call.set_up && !call.request.is_local_socket) {
    const auto answer = code.check(call.request.header(kCodeHeader));
    if (answer != SetupCode::Answer::right) return wrong_code(code, answer);
  }
  const std::lock_guard lock(one_at_a_time);
  const auto already = [&] { return problem(409, "", "This node has been set up already; log in."); };
  if (call.node().snapshot()->config->set_up || call.access().has_users()) return already();
  Wish wish;
  if (auto wrong = read_wish(call.body, wish, *call.now)) return problem(*wrong);
  if (auto sentence = check_line("user", wish.user, 64); !sentence.empty()) return problem(422, "user", sentence);
  const auto user = call.access().add_user(wish.user, Role::administrator, wish.password);
  if (auto* refused = std::get_if<AccessProblem>(&user)) {
    AccessProblem told = *refused;
    if (told.field == "name") told.field = "user";
    return problem(told);
  }
  if (auto refusal = configure(call, wish)) {
    call.access().undo_first_user();
    return *refusal;
  }
  call.now = call.node().snapshot();
  call.set_up = true;
  const auto begun = call.access().login(wish.user, wish.password, call.request.source());
  if (const auto* refused = std::get_if<AccessProblem>(&begun)) return problem(*refused);
  return session_reply(call, std::get<Sessions::Begun>(begun), 201);
}

constexpr Route kRoutes[] = {
    {"GET", "/setup", Needs::anybody, get_setup},
    {"POST", "/setup", Needs::anybody, finish_setup, Route::Body::json},
};

}  // namespace

std::span<const Route> setup_routes() { return kRoutes; }

}  // namespace sonde::web
