#include "test/web/api/api_house.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>

#include "core/archive/durable_archive.h"
#include "core/base/bytes.h"
#include "core/base/files.h"
#include "core/config/config_file.h"

namespace sonde::test {
namespace {

/// An upload that has come whole.
class WholeBody final : public web::BodyReader {
 public:
  explicit WholeBody(std::string text) : text_(std::move(text)) {}
  std::optional<std::size_t> read(std::span<char> out) override {
    const std::size_t n = std::min(out.size(), text_.size() - at_);
    std::copy_n(text_.data() + at_, n, out.data());
    at_ += n;
    return n;
  }
  std::uint64_t length() const override { return text_.size(); }

 private:
  std::string text_;
  std::size_t at_ = 0;
};

/// As a PasswordHasher writes it, but made and checked in no time: logins are not what these tests are about.
std::string quick_hash() {
  static constexpr unsigned char kSalt[2] = {1, 2};
  std::array<std::byte, 32> out{};
  const std::string& password = ApiHouse::kPassword;
  REQUIRE(EVP_PBE_scrypt(password.data(), password.size(), kSalt, sizeof kSalt, 2, 8, 1, 1 << 20,
                         reinterpret_cast<unsigned char*>(out.data()), out.size()) == 1);
  return "scrypt:1:8:1:0102:" + to_hex(out);
}

const std::string& prepared(const TemporaryFolder& folder, bool set_up) {
  static const std::string kHash = quick_hash();
  const auto user = [&](const char* name, Role role) { return User{name, name, role, kHash, FakeNode::kNow, {}}; };
  write_file_atomically(folder / "sonde.xml", write_config(Config{}, "", {}), 0600);
  if (set_up)
    save_access(
        folder / "access.json",
        {{user("alice", Role::administrator), user("olga", Role::operator_), user("victor", Role::viewer)}, {}});
  return folder.path();
}

}  // namespace

ApiHouse::ApiHouse(bool set_up, bool appliance)
    : access(prepared(folder, set_up), clock, {}),
      judge(std::make_shared<Judge>(node.archive(), clock)),
      certificate(folder.path(), FakeNode::kNow),
      backups({.data = folder.path(),
               .version = "0.1.0",
               .clock = &clock,
               .copy_archive =
                   [this](const std::filesystem::path& to, std::stop_token stop) {
                     open_archive({.directory = std::filesystem::path(folder.path()) / "archive"}, clock)
                         ->copy_to(to, std::move(stop));
                   },
               .config = [this] { return node.snapshot()->config; },
               .restart = [this] { ++restarts; }}),
      api({.node = node,
           .access = access,
           .judge = judge,
           .backups = &backups,
           .machine = appliance ? &machine : nullptr,
           .certificate = &certificate,
           .certificate_changed = [this] { ++certificate_changes; },
           .asset = [](const web::HttpRequest& r) -> std::optional<web::HttpResponse> {
             if (r.path != "/") return std::nullopt;
             return web::HttpResponse{.content_type = "text/html", .body = "<!doctype html>"};
           }}) {
  certificate.renew({"gva.example.org", "198.51.100.9"}, FakeNode::kNow);
  if (!set_up) return;
  node.set_config([](Config& config) { config.set_up = true; });
}

ApiHouse::~ApiHouse() = default;

web::HttpRequest ApiHouse::request(const std::string& method, const std::string& target,
                                   const std::string& body) const {
  web::HttpRequest request;
  request.method = method;
  const auto question = target.find('?');
  const bool api = target.starts_with("/") && !target.starts_with("//");
  request.path = (api ? "/api/v1" : "") +
                 target.substr(api ? 0 : 1, question == std::string::npos ? question : question - (api ? 0 : 1));
  if (question != std::string::npos) request.query = web::parse_query(target.substr(question + 1)).value();
  request.headers = {{"Host", "198.51.100.9:8443"}};
  request.body = body;
  request.client = "203.0.113.5";
  request.is_tls = true;
  if (!body.empty()) request.headers.emplace_back("Content-Type", "application/json");
  return request;
}

web::HttpRequest ApiHouse::as(const std::string& user, const std::string& method, const std::string& target,
                              const std::string& body) {
  if (!logins_.contains(user)) {
    const auto begun = access.login(user, kPassword, "203.0.113.5");
    REQUIRE(std::holds_alternative<Sessions::Begun>(begun));
    logins_[user] = {std::get<Sessions::Begun>(begun).id, std::get<Sessions::Begun>(begun).csrf};
  }
  auto made = request(method, target, body);
  set_header(made, "Cookie", "other=1; __Host-sonde-00112233=" + logins_[user].session);
  if (method == "GET") return made;
  set_header(made, "Origin", "https://198.51.100.9:8443");
  set_header(made, "Sonde-CSRF", logins_[user].csrf);
  set_header(made, "Content-Type", "application/json");
  return made;
}

web::HttpResponse ApiHouse::send(const web::HttpRequest& request) {
  const web::Intake intake = api.intake(request);
  if (intake.refusal) return *intake.refusal;
  if (request.body.size() > intake.max_body) return web::error_response(413, "too large");
  if (intake.kind != web::Intake::Kind::upload) return api.handle(request);
  WholeBody body(request.body);
  return api.upload(request, body);
}

Json ApiHouse::json(const web::HttpRequest& request) { return body_of(send(request)); }

void set_header(web::HttpRequest& request, const std::string& name, const std::string& value) {
  drop_header(request, name);
  request.headers.emplace_back(name, value);
}

void drop_header(web::HttpRequest& request, const std::string& name) {
  std::erase_if(request.headers, [&](const auto& header) { return web::same_text(header.first, name); });
}

std::string header_of(const web::HttpResponse& response, const std::string& name) {
  for (const auto& [key, value] : response.headers)
    if (web::same_text(key, name)) return value;
  return "";
}

Json body_of(const web::HttpResponse& response) {
  auto parsed = parse_json(response.body);
  INFO(response.status << " " << response.body << parsed.sentence);
  REQUIRE(parsed.value);
  return std::move(*parsed.value);
}

std::string example_path(const web::Route& route) {
  std::string path(route.pattern);
  const auto brace = path.find("{id}");
  return brace == std::string::npos ? path : path.replace(brace, 4, "x");
}

}  // namespace sonde::test
