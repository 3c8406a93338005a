#include "core/access/access.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <thread>

#include "core/access/secret.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "test/support/manual_clock.h"
#include "test/support/temporary_folder.h"

using namespace sonde;
using namespace sonde::test;
using Kind = AccessProblem::Kind;

namespace {

const std::string kPassword = "correct horse battery";

struct Fixture {
  TemporaryFolder folder;
  ManualClock clock;
  Access access{folder.path(), clock, {}};
  User add(const std::string& name, Role role) { return std::get<User>(access.add_user(name, role, kPassword)); }
};

template <typename T>
Kind kind_of(const Granted<T>& outcome) {
  REQUIRE(std::holds_alternative<AccessProblem>(outcome));
  return std::get<AccessProblem>(outcome).kind;
}

}  // namespace

TEST_CASE("users and tokens are there after a restart, in a file that only its owner reads and that holds no secret") {
  Fixture f;
  f.add("alice", Role::administrator);
  const auto made = std::get<Access::NewToken>(f.access.add_token({.name = "grafana",
                                                                   .scope = {"results"},
                                                                   .expires = f.clock.utc_now() + std::chrono::hours(1),
                                                                   .created_by = "alice"}));
  struct stat status {};
  REQUIRE(::stat((f.folder / "access.json").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  const std::string stored = *read_file(f.folder / "access.json", 100'000);
  CHECK(stored.find(kPassword) == std::string::npos);
  CHECK(stored.find(made.secret) == std::string::npos);
  CHECK(stored.find(sha256_hex(made.secret)) != std::string::npos);
  Access again(f.folder.path(), f.clock, {});
  CHECK(std::holds_alternative<Sessions::Begun>(again.login("alice", kPassword, "a")));
  REQUIRE(again.by_token(made.secret));
  CHECK(again.by_token(made.secret)->scope == std::vector<std::string>{"results"});
}

TEST_CASE("a broken users file lets nobody in, is not overwritten, and says what to do") {
  const TemporaryFolder folder;
  const ManualClock clock;
  for (const char* broken :
       {"garbage", "{}", R"({"users":[{}],"tokens":[]})", R"({"users":[],"tokens":{}})", R"([])"}) {
    write_file_atomically(folder / "access.json", broken, 0600);
    Access access(folder.path(), clock, {});
    CHECK(access.sentence().find("reset-password") != std::string::npos);
    CHECK(access.has_users());
    CHECK(kind_of(access.login("alice", kPassword, "a")) == Kind::broken);
    CHECK(kind_of(access.add_user("eve", Role::administrator, kPassword)) == Kind::broken);
    CHECK(read_file(folder / "access.json", 1000) == broken);
  }
}

TEST_CASE("the last administrator can neither be removed nor made less") {
  Fixture f;
  const User alice = f.add("alice", Role::administrator);
  const User victor = f.add("victor", Role::viewer);
  CHECK(f.access.remove_user(alice.id)->kind == Kind::exists);
  for (const Role less : {Role::viewer, Role::operator_})
    CHECK(kind_of(f.access.change_user(alice.id, less, {})) == Kind::exists);
  // an operator is no other administrator
  f.add("olga", Role::operator_);
  CHECK(f.access.remove_user(alice.id)->kind == Kind::exists);
  CHECK(kind_of(f.access.change_user(alice.id, Role::operator_, {})) == Kind::exists);
  CHECK(std::holds_alternative<User>(f.access.change_user(victor.id, Role::administrator, {})));
  CHECK_FALSE(f.access.remove_user(alice.id));
}

TEST_CASE("names and passwords have rules") {
  Fixture f;
  f.add("alice", Role::administrator);
  CHECK(kind_of(f.access.add_user("Alice", Role::viewer, kPassword)) == Kind::exists);
  for (const std::string bad : {"", " a", "a ", "a\nb", "a\xff"})
    CHECK(kind_of(f.access.add_user(bad, Role::viewer, kPassword)) == Kind::refused);
  CHECK(kind_of(f.access.add_user(std::string(65, 'a'), Role::viewer, kPassword)) == Kind::refused);
  for (const std::string bad :
       {"", "123456789", "aaaaaaaaaa", "longusername", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"})
    CHECK(kind_of(f.access.add_user("longusername", Role::viewer, bad)) == Kind::refused);
  CHECK(kind_of(f.access.add_user("bob", Role::viewer, std::string(201, 'x') + "y")) == Kind::refused);
}

TEST_CASE("a change of role or password and a removal end the user's sessions and nobody else's") {
  Fixture f;
  f.add("alice", Role::administrator);
  const User victor = f.add("victor", Role::viewer);
  const auto log_in = [&](const char* name) {
    return std::get<Sessions::Begun>(f.access.login(name, kPassword, name)).id;
  };
  const std::string alice = log_in("alice");
  std::string session = log_in("victor");
  REQUIRE(f.access.by_session(session));
  f.access.change_user(victor.id, Role::administrator, {});
  CHECK_FALSE(f.access.by_session(session));
  session = log_in("victor");
  CHECK(f.access.by_session(session)->role == Role::administrator);
  f.access.remove_user(victor.id);
  CHECK_FALSE(f.access.by_session(session));
  CHECK(f.access.by_session(alice));
}

TEST_CASE("roles have names, are stored by them, and one that is not known makes the file unreadable") {
  TemporaryFolder folder;
  for (const Role role : {Role::viewer, Role::operator_, Role::administrator}) {
    CHECK(role_from(to_string(role)) == role);
    save_access(folder / "access.json", {{User{"1", "olga", role, "x", UtcTime{}, {}}}, {}});
    CHECK(load_access(folder / "access.json").users.at(0).role == role);
  }
  CHECK_FALSE(role_from("root"));
  CHECK_FALSE(role_from(""));
  CHECK(with_article(Role::viewer) == "a viewer");
  CHECK(with_article(Role::operator_) == "an operator");
}

TEST_CASE("making an administrator an operator ends the sessions that could do more") {
  Fixture f;
  f.add("alice", Role::administrator);
  const User bob = f.add("bob", Role::administrator);
  const std::string session = std::get<Sessions::Begun>(f.access.login("bob", kPassword, "s")).id;
  CHECK(std::holds_alternative<User>(f.access.change_user(bob.id, Role::operator_, {})));
  CHECK_FALSE(f.access.by_session(session));
  const std::string next = std::get<Sessions::Begun>(f.access.login("bob", kPassword, "s")).id;
  CHECK(f.access.by_session(next)->role == Role::operator_);
}

TEST_CASE("each login has a new session id of 128 bits and a new token") {
  Fixture f;
  f.add("alice", Role::administrator);
  const auto a = std::get<Sessions::Begun>(f.access.login("alice", kPassword, "s"));
  const auto b = std::get<Sessions::Begun>(f.access.login("alice", kPassword, "s"));
  CHECK(a.id.size() == 32);
  CHECK(a.id != b.id);
  CHECK(a.csrf != b.csrf);
  CHECK_FALSE(f.access.by_session(""));
  CHECK_FALSE(f.access.by_session(sha256_hex(a.id)));
}

TEST_CASE("a user has at most 20 sessions; the least used one goes") {
  Fixture f;
  Sessions sessions(f.clock);
  const std::string first = sessions.begin("alice").id, second = sessions.begin("alice").id;
  f.clock.advance(std::chrono::seconds(1));
  CHECK(sessions.find(first));
  for (int i = 0; i < 19; ++i) sessions.begin("alice");
  CHECK(sessions.size() == 20);
  CHECK(sessions.find(first));
  CHECK_FALSE(sessions.find(second));
  for (int i = 0; i < 1200; ++i) sessions.begin("user" + std::to_string(i));
  CHECK(sessions.size() == 1000);
}

TEST_CASE("looking whether a session lives does not keep it alive") {
  Fixture f;
  Sessions sessions(f.clock);
  const std::string id = sessions.begin("alice").id;
  for (int i = 0; i < 13; ++i) {
    CHECK(sessions.lives(id) == (i < 12));
    f.clock.advance(std::chrono::hours(1));
  }
  CHECK_FALSE(sessions.find(id));
}

TEST_CASE("tokens expire, within two years, and their last use is listed") {
  Fixture f;
  const UtcTime now = f.clock.utc_now();
  CHECK(kind_of(f.access.add_token({.name = "a", .expires = now})) == Kind::refused);
  CHECK(kind_of(f.access.add_token({.name = "a", .expires = now + std::chrono::hours(24 * 800)})) == Kind::refused);
  CHECK(kind_of(f.access.add_token({.name = "", .expires = now + std::chrono::hours(1)})) == Kind::refused);
  const auto made =
      std::get<Access::NewToken>(f.access.add_token({.name = "a", .expires = now + std::chrono::hours(1)}));
  CHECK_FALSE(f.access.tokens().at(0).last_use);
  f.clock.advance(std::chrono::minutes(5));
  CHECK(f.access.by_token(made.secret));
  CHECK(f.access.tokens().at(0).last_use == f.clock.utc_now());
  CHECK(f.access.remove_token(made.token.id));
  CHECK_FALSE(f.access.by_token(made.secret));
  CHECK_FALSE(f.access.remove_token(made.token.id));
}

TEST_CASE("a password hash is scrypt with a salt of its own, and only the right password fits") {
  PasswordHasher hasher;
  const std::string a = *hasher.hash(kPassword), b = *hasher.hash(kPassword);
  CHECK(a.starts_with("scrypt:15:8:1:"));
  CHECK(a != b);
  CHECK(*hasher.verify(kPassword, a));
  CHECK_FALSE(*hasher.verify(kPassword + " ", a));
  for (const char* broken : {"", "x", "scrypt", "scrypt:::::", "scrypt:99:8:1:00:00", "scrypt:15:8:1::00",
                             "md5:15:8:1:00:00", "scrypt:15:8:-1:00:00"})
    CHECK_FALSE(*hasher.verify(kPassword, broken));
}

TEST_CASE("hashes are made one at a time, four wait, a sixth is turned away") {
  PasswordHasher hasher;
  const std::string stored = *hasher.hash(kPassword);
  std::atomic<int> turned_away = 0, right = 0;
  {
    std::vector<std::jthread> crowd;
    for (int i = 0; i < 40; ++i)
      crowd.emplace_back([&] {
        const auto answer = hasher.verify(kPassword, stored);
        if (!answer)
          ++turned_away;
        else if (*answer)
          ++right;
      });
  }
  CHECK(right + turned_away == 40);
  CHECK(right >= 1);
  CHECK(turned_away >= 1);
  CHECK(*hasher.verify(kPassword, stored));
}

TEST_CASE("failures delay more and more, at most 60 s by source and 10 s by account, and are forgotten after an hour") {
  ManualClock clock;
  LoginDelay delay(clock);
  for (int i = 0; i < 2; ++i) delay.failed("alice", "a");
  CHECK(delay.wait("alice", "a") == Duration::zero());
  delay.failed("alice", "a");
  CHECK(delay.wait("alice", "a") == std::chrono::seconds(1));
  CHECK(delay.wait("alice", "b") == std::chrono::seconds(1));
  CHECK(delay.wait("bob", "b") == Duration::zero());
  delay.failed("alice", "a");
  CHECK(delay.wait("alice", "a") == std::chrono::seconds(2));
  for (int i = 0; i < 100; ++i) delay.failed("alice", "a");
  CHECK(delay.wait("alice", "a") == std::chrono::seconds(60));
  CHECK(delay.wait("alice", "b") == std::chrono::seconds(10));
  clock.advance(std::chrono::seconds(60));
  CHECK(delay.wait("alice", "a") == Duration::zero());
  clock.advance(std::chrono::hours(2));
  delay.failed("alice", "a");
  CHECK(delay.wait("alice", "a") == Duration::zero());
}

TEST_CASE(
    "a flood of sources and names does not make the table of failures grow without bound, nor forget the newest") {
  ManualClock clock;
  LoginDelay delay(clock);
  for (int i = 0; i < 20'000; ++i) {
    delay.failed("", "s" + std::to_string(i));
    clock.advance(std::chrono::microseconds(1));
  }
  for (int i = 0; i < 3; ++i) delay.failed("alice", "last");
  CHECK(delay.wait("alice", "last") > Duration::zero());
}
