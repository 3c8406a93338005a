#include <algorithm>

#include "core/access/secret.h"
#include "core/config/text_rules.h"
#include "web/api/api.h"
#include "web/api/change.h"
#include "web/api/fields.h"
#include "web/api/granted.h"
#include "web/api/reply.h"
#include "web/api/resources.h"
#include "web/api/session_json.h"
#include "web/api/setup_questions.h"

namespace sonde::web {
namespace {

constexpr std::string_view kCodeHeader = "Sonde-Setup-Code";
constexpr const char *kUser = "administrator.user", *kPassword = "administrator.password", *kDevice = "data.device";

/// What is told beside the questions, so that whoever answers need not look it up.
void write_known(JsonWriter& out, const Snapshot& now, const SetupFacts& facts) {
  out.begin_object().key("networks").begin_array();
  for (const Prefix& network : facts.networks) out.value(network.text());
  out.end_array().key("addresses").begin_array();
  for (const FoundInterface& interface : facts.interfaces)
    for (const HostAddress& own : interface.addresses)
      if (!own.address.is_link_local()) out.value(own.address.text());
  out.end_array();
  clock_field(out, "clock", now.clock);
  out.field("time_zone", facts.zone).field("appliance", facts.appliance).key("drives").begin_array();
  for (const FoundDisk& disk : facts.disks)
    out.begin_object()
        .field("name", disk.name)
        .field("serial", disk.serial)
        .field("bytes", disk.octets)
        .field("ours", disk.ours)
        .end_object();
  out.end_array().end_object();
}

void write_first_tests(JsonWriter& out, const std::vector<FirstTest>& tests) {
  out.begin_array();
  for (const FirstTest& test : tests) {
    out.begin_object().field("id", test.spec.id).field("title", test.spec.title).field("sentence", test.sentence);
    out.field("selected", test.selected).field("leaves_host", test.leaves_host).end_object();
  }
  out.end_array();
}

void write_description(JsonWriter& out, const Call& call) {
  const SetupFacts facts = call.node().setup_facts();
  out.begin_object().key("groups");
  write_questions(out, answers_of(*call.now->config, facts), facts, false);
  out.key("known");
  write_known(out, *call.now, facts);
  out.key("first_tests");
  write_first_tests(out, call.now->first_tests);
  out.end_object();
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
  out.key("description");
  if (accepted && !call.set_up)
    write_description(out, call);
  else
    out.null();
  out.end_object();
  return json_reply(std::move(out));
}

/// Empty: the caller may answer. Each wrong code is counted.
std::optional<HttpResponse> refuse_caller(Call& call) {
  SetupCode& code = call.access().setup_code();
  if (call.set_up || call.request.is_local_socket) return std::nullopt;
  const auto answer = code.check(call.request.header(kCodeHeader));
  if (answer == SetupCode::Answer::right) return std::nullopt;
  return wrong_code(code, answer);
}

HttpResponse already() { return problem(409, "", "This node has been set up already; log in."); }

struct Wish {
  Answers answers;  ///< without the password
  std::string password;
  std::string password_hash;  ///< instead of it: of a file, from this host only
  std::vector<std::string> first_tests;
  std::string data_typed;  ///< the drive's serial number, or its name: it may be formatted

  /// Where data are to be kept; no drive = nobody was asked.
  Machine::DriveChoice data() const {
    const auto device = answers.find(kDevice);
    return {device == answers.end() ? "" : device->second, data_typed, !data_typed.empty()};
  }
};

std::optional<Problem> read_wish(const Call& call, Wish& wish) {
  Fields in(call.body);
  in.must("answers");
  wish.answers = in.words("answers");
  wish.password = in.text("password");
  if (call.request.is_local_socket) wish.password_hash = in.text("password_hash");
  wish.first_tests = in.texts("first_tests", 32);
  wish.data_typed = in.text("data_typed");
  for (const std::string& id : wish.first_tests)
    if (std::ranges::none_of(call.now->first_tests, [&](const FirstTest& t) { return t.spec.id == id; }))
      in.refuse("first_tests", refusal("first_tests", id, "ids of the suggestions"));
  if (wish.answers.contains(kPassword))
    in.refuse(kPassword, "The password is no answer: it stands beside them, in password.");
  if (!wish.password_hash.empty() && !is_password_hash(wish.password_hash))
    in.refuse("password_hash", "password_hash: this is no hash of a password; sonde hash-password prints one.");
  return in.finish();
}

/// Every answer, and that nothing is missing.
std::optional<Problem> check_wish(const Wish& wish, const SetupFacts& facts, const Config& config) {
  Answers all = wish.answers;
  if (wish.password_hash.empty()) all[kPassword] = wish.password;
  Config scratch = config;
  if (const auto refused = sonde::apply(all, facts, scratch)) return problem_of(*refused);
  for (const auto& [key, value] : answers_of(scratch, facts)) all.emplace(key, value);
  all.emplace(kPassword, wish.password_hash);
  if (const auto missing = missing_answer(all, facts)) return problem_of(*missing);
  return std::nullopt;
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

std::optional<HttpResponse> configure(Call& call, const Wish& wish, const SetupFacts& facts) {
  return apply(call, "site", std::nullopt,
               [wish, facts, offered = call.now->first_tests](Config& config) -> std::optional<Problem> {
                 if (config.set_up) return Problem{409, "", "This node has been set up already."};
                 if (const auto refused = sonde::apply(wish.answers, facts, config)) return problem_of(*refused);
                 // what nobody was asked about is not allowed to anybody
                 if (!config.engine_rules) config.engine_rules.emplace();
                 config.set_up = true;
                 for (const FirstTest& test : offered)
                   if (std::ranges::find(wish.first_tests, test.spec.id) != wish.first_tests.end())
                     add_first_test(config, test);
                 return std::nullopt;
               });
}

std::optional<HttpResponse> add_administrator(Call& call, const Wish& wish) {
  const std::string& name = wish.answers.at(kUser);
  const auto user = wish.password_hash.empty() ? call.access().add_user(name, Role::administrator, wish.password)
                                               : call.access().add_first_user(name, wish.password_hash);
  const auto* refused = std::get_if<AccessProblem>(&user);
  if (!refused) return std::nullopt;
  AccessProblem told = *refused;
  if (told.field == "name") told.field = kUser;
  if (told.field == "password") told.field = kPassword;
  return problem(told);
}

HttpResponse begin_session(Call& call, const Wish& wish) {
  call.now = call.node().snapshot();
  call.set_up = true;
  // with a hash alone nobody can be logged in
  if (!wish.password_hash.empty()) {
    JsonWriter out;
    write_session(out, call, std::nullopt);
    return json_reply(std::move(out), 201);
  }
  const auto begun = call.access().login(wish.answers.at(kUser), wish.password, call.request.source());
  if (const auto* refused = std::get_if<AccessProblem>(&begun)) return problem(*refused);
  return session_reply(call, std::get<Sessions::Begun>(begun), 201);
}

/// Empty: data can be kept where the answer says. Where the machine is not ours, memory and the folder are all there
/// is.
std::optional<Problem> check_data(const Call& call, const Wish& wish) {
  const auto data = wish.data();
  if (data.drive.empty() || data.drive == kInMemory) return std::nullopt;
  if (!call.parts.machine) return Problem{503, kDevice, "Nothing here can prepare a drive."};
  auto refused = call.parts.machine->check_data(data);
  if (refused && refused->field == "drive") refused->field = kDevice;
  if (refused && refused->field == "typed") refused->field = "data_typed";
  return refused;
}

/// One finisher at a time; the second finds the node set up.
HttpResponse finish_setup(Call& call) {
  static std::mutex one_at_a_time;
  if (auto refusal = refuse_caller(call)) return *refusal;
  const std::lock_guard lock(one_at_a_time);
  if (call.node().snapshot()->config->set_up || call.access().has_users()) return already();
  Wish wish;
  if (auto wrong = read_wish(call, wish)) return problem(*wrong);
  const SetupFacts facts = call.node().setup_facts();
  if (auto wrong = check_wish(wish, facts, *call.now->config)) return problem(*wrong);
  if (auto wrong = check_data(call, wish)) return problem(*wrong);
  if (auto refusal = add_administrator(call, wish)) return *refusal;
  if (auto refusal = configure(call, wish, facts)) {
    call.access().undo_first_user();
    return *refusal;
  }
  // Last: the node starts anew with its data there.
  if (const auto data = wish.data(); call.parts.machine && !data.drive.empty())
    call.parts.machine->use_data(data, wish.answers.at(kUser));
  return begin_session(call, wish);
}

HttpResponse check_first_answer(Call& call) {
  if (call.set_up) return already();
  if (auto refusal = refuse_caller(call)) return *refusal;
  return check_one_answer(call.body, call.node().setup_facts(), *call.now->config);
}

constexpr Route kRoutes[] = {
    {"GET", "/setup", Needs::anybody, get_setup},
    {"POST", "/setup", Needs::anybody, finish_setup, Route::Body::json},
    {"POST", "/setup/check", Needs::anybody, check_first_answer, Route::Body::json},
};

}  // namespace

std::span<const Route> setup_routes() { return kRoutes; }

}  // namespace sonde::web
