#include "appliance/console/form.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <iostream>
#include <sstream>

using namespace sonde;

namespace {

/// A terminal at which somebody types these lines; what it shows is kept.
class Typing {
 public:
  explicit Typing(const std::string& lines) : shown_before_(std::cout.rdbuf(shown.rdbuf())), input_(::dup(0)) {
    int ends[2] = {};
    REQUIRE(::pipe(ends) == 0);
    REQUIRE(::write(ends[1], lines.data(), lines.size()) == static_cast<ssize_t>(lines.size()));
    ::close(ends[1]);
    ::dup2(ends[0], 0);
    ::close(ends[0]);
  }
  Typing(const Typing&) = delete;
  ~Typing() {
    ::dup2(input_, 0);
    ::close(input_);
    std::cout.rdbuf(shown_before_);
  }
  std::ostringstream shown;
  Terminal terminal;

 private:
  std::streambuf* shown_before_;
  int input_;
};

std::vector<ConsoleGroup> groups(const std::string& method = "automatic") {
  const ConsoleQuestion name{"host.name", "Name", "As people call it.", "text", "must", ""};
  const ConsoleQuestion how{.key = "network.ipv4",
                            .title = "IPv4",
                            .kind = "choice",
                            .need = "recommended",
                            .suggestion = method,
                            .choices = {{"automatic", "Automatic", ""}, {"fixed", "Fixed", ""}}};
  const ConsoleQuestion address{.key = "network.address4",
                                .title = "IPv4 address",
                                .kind = "address",
                                .need = "must",
                                .suggestion = "192.0.2.7/24",
                                .when = {{"network.ipv4", "fixed"}}};
  const ConsoleQuestion password{"administrator.password", "Password", "", "password", "must", ""};
  const ConsoleQuestion same{"management.same", "Same interface", "", "yes_no", "recommended", "yes"};
  return {{"host", "This host", "", {name}},
          {"network", "Network", "", {how, address}},
          {"management", "Management", "", {same}},
          {"administrator", "Administrator", "", {password}}};
}

std::string takes_all(const std::string&, const std::string&, const ConsoleForm::Answers&) { return {}; }

}  // namespace

TEST_CASE("an answer that calls for another is sent with it, though that one stands as it was suggested") {
  Typing typing("2\n\n");
  ConsoleForm form(typing.terminal, groups(), takes_all);
  REQUIRE(form.ask(form.groups()[1]));
  CHECK(form.changed() == ConsoleForm::Answers{{"network.ipv4", "fixed"}, {"network.address4", "192.0.2.7/24"}});
}

TEST_CASE("what is in force is forgotten, and all else that was answered stays") {
  Typing typing("gva\n2\n192.0.2.9/24\n1\n");
  ConsoleForm form(typing.terminal, groups(), takes_all);
  REQUIRE(form.ask(form.groups()[0]));
  REQUIRE(form.ask(form.groups()[1]));
  form.forget("network");
  CHECK(form.changed() == ConsoleForm::Answers{{"host.name", "gva"}});
  CHECK(form.asked("network"));
  // Somebody made it fixed on the page: automatic is a change now.
  form.renew(groups("fixed"));
  REQUIRE(form.ask(form.groups()[1]));
  CHECK(form.changed() == ConsoleForm::Answers{{"host.name", "gva"}, {"network.ipv4", "automatic"}});
}

TEST_CASE("a part that is left halfway is as it was") {
  Typing typing("2\n192.0.2.9/24\n2\nback\n");
  ConsoleForm form(typing.terminal, groups(), takes_all);
  REQUIRE(form.ask(form.groups()[1]));
  CHECK_FALSE(form.ask(form.groups()[1]));
  CHECK(form.changed().at("network.address4") == "192.0.2.9/24");
}

TEST_CASE("a refused answer is told and asked again, and help stands where nothing is suggested") {
  Typing typing("bad\ngva\n");
  ConsoleForm form(typing.terminal, groups(), [](const auto&, const std::string& value, const auto&) {
    return std::string(value == "bad" ? "Name \"bad\": allowed is a better one." : "");
  });
  REQUIRE(form.ask(form.groups()[0]));
  CHECK(form.answers().at("host.name") == "gva");
  CHECK_THAT(typing.shown.str(), Catch::Contains("As people call it.") && Catch::Contains("allowed is a better one"));
}

TEST_CASE("yes and no may be one letter") {
  Typing typing("n\n");
  ConsoleForm form(typing.terminal, groups(), takes_all);
  REQUIRE(form.ask(form.groups()[2]));
  CHECK(form.changed() == ConsoleForm::Answers{{"management.same", "no"}});
}

TEST_CASE("a password that was given is kept by Enter, and never among the answers") {
  Typing typing("correct horse\ncorrect horse\n\n");
  ConsoleForm form(typing.terminal, groups(), takes_all);
  CHECK(form.missing(&form.groups()[3]) == "Password");
  REQUIRE(form.ask(form.groups()[3]));
  REQUIRE(form.ask(form.groups()[3]));
  CHECK(form.password() == "correct horse");
  CHECK(form.missing(&form.groups()[3]).empty());
  CHECK_FALSE(form.answers().contains("administrator.password"));
}
