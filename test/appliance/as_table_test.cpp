#include "appliance/as_table.h"

#include <catch2/catch.hpp>

#include "core/base/random.h"

using namespace sonde;

namespace {

std::string system_of(const AsTable& table, const std::string& address) {
  const auto found = table.find(IpAddress::parse(address).value());
  return found ? std::to_string(found->number) + " " + found->name : "none";
}

constexpr std::string_view kTable =
    "prefix,asn,name\n"
    "# documentation\n"
    "192.0.2.0/24,64500,Example Net\n"
    "192.0.2.128/25,AS64501,\"Half, of it\"\r\n"
    "\n"
    "2001:db8::/32,64502,Six\n"
    "0.0.0.0/0,64503,Rest";

}  // namespace

TEST_CASE("the longest prefix tells the system") {
  std::string complaint;
  const AsTable table = AsTable::parse(kTable, complaint);
  CHECK(complaint.empty());
  CHECK(table.size() == 4);
  CHECK(system_of(table, "192.0.2.1") == "64500 Example Net");
  CHECK(system_of(table, "192.0.2.200") == "64501 Half, of it");
  CHECK(system_of(table, "198.51.100.1") == "64503 Rest");
  CHECK(system_of(table, "2001:db8:1::1") == "64502 Six");
  CHECK(system_of(table, "2001:db9::1") == "none");
}

TEST_CASE("wrong lines are left out and told, with the first of them") {
  for (const std::string line : {"192.0.2.1/24,1,host bits", "192.0.2.0/33,1,x", "192.0.2.0/24", "192.0.2.0/24,x,y",
                                 "192.0.2.0/24,4294967296,y", "192.0.2.0/24,-1,y", "192.0.2.0/24,1,\xff", "hello"}) {
    INFO(line);
    std::string complaint;
    const AsTable table = AsTable::parse("198.51.100.0/24,1,ok\n" + line + "\n" + line, complaint);
    CHECK(table.size() == 1);
    CHECK(complaint.starts_with("2 lines of as.csv are left out; the first is line 2"));
  }
}

TEST_CASE("an empty table knows nobody, and damaged ones are read or refused") {
  std::string complaint;
  CHECK(system_of(AsTable::parse("", complaint), "192.0.2.1") == "none");
  auto random = seeded_random(5);
  for (int i = 0; i < 2000; ++i) {
    std::string text(kTable);
    for (int k = 0; k < 3; ++k) text[random->below(text.size())] = static_cast<char>(random->below(256));
    CHECK(AsTable::parse(text.substr(0, random->below(text.size())), complaint).size() <= 5);
  }
}
