#include "core/config/config_file.h"

#include <catch2/catch.hpp>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/config/text_rules.h"
#include "test/support/fake_probes.h"

using namespace sonde;
using namespace sonde::test;

namespace {

const std::string kGood = R"(<?xml version="1.0" encoding="UTF-8"?>
<sonde version="1" set-up="yes">
  <!-- asked by the campus network group, ticket 7 -->
  <site id="00112233445566778899aabbccddeeff" name="gva.example.org" organisation="Example &amp; Sons" place="Genève" latitude="46.2" longitude="6.1" contact="noc@example.org"/>
  <settings test-ports="8760-8960" spin="50 us" web-names="gva.example.org sonde" public-reading="no" banner="test &amp; try"/>
  <engines>
    <rule engine="owamp" source="192.0.2.0/24" allow="yes" packets-per-second="50"/>
    <rule engine="*" source="127.0.0.0/8" allow="yes"/>
  </engines>
  <peers>
    <peer id="lyon" name="Lyon" address="192.0.2.7"/>
    <peer id="oslo" name="Oslo" address="oslo.example.org" />
  </peers>
  <tests>
    <!-- the important one -->
    <test id="t1" title="to Lyon" probe="echo" peer="lyon" family="IPv4" dscp="46" payload-bytes="1000">
      <every period="5 min" spread="30 s"/>
      <option name="count" value="20"/>
      <remark by="ops">do not touch</remark>
    </test>
    <test id="t2" probe="self">
      <continuous step="10 s"/>
    </test>
    <test id="t3" probe="echo" peer="oslo" family="IPv6" revision="3" paused="yes">
      <once at="2026-11-21T06:00:00Z"/>
    </test>
  </tests>
  <future thing="1"><inner/></future>
</sonde>
)";

std::string changed(const std::string& from, const std::string& to) {
  std::string text = kGood;
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

ConfigParsed parse(const std::string& text) { return parse_config(text, "sonde.xml", fake_probes()); }

Config good() {
  auto parsed = parse(kGood);
  INFO(parsed.sentence);
  REQUIRE(parsed.config);
  return *parsed.config;
}

}  // namespace

TEST_CASE("a good file becomes the values it says") {
  const Config config = good();
  CHECK(config.set_up);
  CHECK(config.site.organisation == "Example & Sons");
  CHECK(config.site.latitude == 46.2);
  CHECK(config.settings.spin == std::chrono::microseconds(50));
  CHECK(config.settings.web_names == std::vector<std::string>{"gva.example.org", "sonde"});
  CHECK(config.settings.banner == "test & try");
  REQUIRE(config.engine_rules);
  CHECK(config.engine_rules->at(0).packets_per_second == 50);
  CHECK(config.engine_rules->at(0).seconds == EngineRule{}.seconds);
  REQUIRE(config.tests.size() == 3);
  CHECK(config.tests[0].type_p == TypeP{46, 1000});
  CHECK(config.tests[0].schedule.spread == std::chrono::seconds(30));
  CHECK(config.tests[0].options.at("count") == "20");
  CHECK(config.tests[1].schedule.kind == Schedule::Kind::continuous);
  CHECK(config.tests[2].family == Family::v6);
  CHECK(config.tests[2].revision == 3);
  CHECK(config.tests[2].schedule.at == parse_utc("2026-11-21T06:00:00Z"));
}

TEST_CASE("a file without the engines section has none, one with an empty section has an empty table") {
  CHECK_FALSE(parse("<sonde version='1'/>").config->engine_rules);
  CHECK(parse("<sonde version='1'><engines/></sonde>").config->engine_rules->empty());
}

TEST_CASE("a byte order mark is passed over") { CHECK(parse("\xef\xbb\xbf" + kGood).config); }

TEST_CASE("every rule has a file that breaks it, and the sentence names place, field, value and what is allowed") {
  struct Break {
    const char *from, *to, *place, *sentence;
  };
  const auto each = GENERATE(values<Break>({
      {"period=\"5 min\"", "period=\"0 s\"", "line 17, column 14",
       "period \"0 s\": allowed is a time from 1 s to 31 d"},
      {"period=\"5 min\"", "period=\"5\"", "line 17, column 14", "period \"5\": allowed is a time with its unit"},
      {"period=\"5 min\" ", "", "line 17, column 8", "<every> needs the attribute period"},
      {"spread=\"30 s\"", "spread=\"6 min\"", "line 17, column 29",
       "spread \"6 min\": allowed is a time from 0 s to the period, 5 min"},
      {"spread=\"30 s\"", "spread=\"-1 s\"", "line 17, column 29", "spread \"-1 s\""},
      {"step=\"10 s\"", "step=\"7 s\"", "line 22, column 19", "divides a day"},
      {"step=\"10 s\"", "step=\"2 h\"", "line 22, column 19", "1 s to 1 h"},
      {"at=\"2026-11-21T06:00:00Z\"", "at=\"tomorrow\"", "line 25, column 13",
       "at \"tomorrow\": allowed is a time in UTC"},
      {"<once at=\"2026-11-21T06:00:00Z\"/>", "", "line 24, column 6", "A test needs one of <every"},
      {"<continuous step=\"10 s\"/>", "<continuous step=\"10 s\"/><every period=\"1 h\"/>", "line 22, column 33",
       "not two"},
      {"value=\"20\"", "value=\"0\"", "line 18, column 28",
       "count \"0\": allowed is a whole number from 1 to 1000 packets"},
      {"name=\"count\"", "name=\"cuont\"", "line 18, column 28",
       "cuont \"20\": allowed is only the options count, rate"},
      {"<option name=\"count\" value=\"20\"/>",
       "<option name=\"count\" value=\"20\"/><option name=\"count\" value=\"9\"/>", "line 18, column 48",
       "each option once"},
      {"probe=\"self\"", "probe=\"owmap\"", "line 21, column 19", "probe \"owmap\": allowed is one of echo, self"},
      {"probe=\"self\"", "probe=\"self\" peer=\"lyon\"", "line 21, column 32", "no peer"},
      {"peer=\"lyon\"", "peer=\"lion\"", "line 16, column 48", "peer \"lion\": allowed is the id of one of the peers"},
      {"family=\"IPv4\"", "family=\"IPv6\"", "line 16, column 60",
       "family \"IPv6\": allowed is IPv4, because the peer's address is 192.0.2.7"},
      {"family=\"IPv4\"", "family=\"4\"", "line 16, column 60", "IPv4 or IPv6"},
      {"dscp=\"46\"", "dscp=\"64\"", "line 16, column 74", "dscp \"64\": allowed is a whole number from 0 to 63"},
      {"dscp=\"46\"", "dscp=\"300\"", "line 16, column 74", "dscp \"300\": allowed is a whole number from 0 to 255"},
      {"dscp=\"46\"", "dscp=\" 46\"", "line 16, column 74", "dscp \" 46\""},
      {"payload-bytes=\"1000\"", "payload-bytes=\"65001\"", "line 16, column 84", "payload_bytes \"65001\""},
      {"title=\"to Lyon\"", "title=\"to Lyon \"", "line 16, column 19",
       "title \"to Lyon \": allowed is text without blanks at its begin or end"},
      {"title=\"to Lyon\"", "title=\"a&#10;b\"", "line 16, column 19", "one line without control characters"},
      {"title=\"to Lyon\"", "title=\"a&#x202e;b\"", "line 16, column 19", "one line without control characters"},
      {"title=\"to Lyon\"", "source=\"192.0.2.300\"", "line 16, column 19", "an own address"},
      {"title=\"to Lyon\"", "source=\"::1\"", "line 16, column 19", "an IPv4 address"},
      {"title=\"to Lyon\"", "titel=\"x\"", "line 16, column 19", "titel \"x\": allowed is only id, revision, title"},
      {"title=\"to Lyon\"", "id=\"t1\"", "line 16, column 11", "each attribute once"},
      {"id=\"t2\"", "id=\"t1\"", "line 21, column 11", "an id that no other test has"},
      {"id=\"t2\"", "id=\"T 2\"", "line 21, column 11", "a-z, 0-9"},
      {"id=\"t2\"", "id=\"../x\"", "line 21, column 11", "a-z, 0-9"},
      {"revision=\"3\"", "revision=\"0\"", "line 24, column 58", "revision \"0\""},
      {"paused=\"yes\"", "paused=\"true\"", "line 24, column 71", "paused \"true\": allowed is yes or no"},
      {"oslo.example.org", "oslo.example.org ", "line 12, column 33",
       "address \"oslo.example.org \": allowed is a host name"},
      {"oslo.example.org", "192.0.2.7", "line 12, column 33", "peer lyon has it"},
      {"oslo.example.org", "192.0.2.300", "line 12, column 33", "address \"192.0.2.300\""},
      {"oslo.example.org", "224.0.0.1", "line 12, column 33", "the address of one host"},
      {"oslo.example.org", "0.0.0.0", "line 12, column 33", "the address of one host"},
      {"oslo.example.org", "", "line 12, column 33", "address \"\""},
      {"name=\"Oslo\"", "name=\"Lyon\"", "line 12, column 21", "a name that no other peer has"},
      {"id=\"oslo\"", "id=\"lyon\"", "line 12, column 11", "an id that no other peer has"},
      {"address=\"192.0.2.7\"", "", "line 11, column 6", "<peer> needs the attribute address"},
      {"source=\"192.0.2.0/24\"", "source=\"192.0.2.1/24\"", "line 7, column 26", "a prefix without host bits"},
      {"source=\"192.0.2.0/24\"", "source=\"192.0.2.0/33\"", "line 7, column 26", "a prefix"},
      {"engine=\"owamp\"", "engine=\"smtp\"", "line 7, column 11", "engine \"smtp\": allowed is one of owamp"},
      {"engine=\"owamp\" source=\"192.0.2.0/24\"", "engine=\"*\" source=\"127.0.0.0/8\"", "line 8, column 22",
       "each prefix once"},
      {"packets-per-second=\"50\"", "packets-per-second=\"0\"", "line 7, column 60", "1 to 1000000"},
      {"packets-per-second=\"50\"", "seconds=\"86401\"", "line 7, column 60", "1 to 86400"},
      {"packets-per-second=\"50\"", "streams=\"0\"", "line 7, column 60", "1 to 128"},
      {"packets-per-second=\"50\"", "sessions=\"-1\"", "line 7, column 60", "a whole number from 0"},
      {"packets-per-second=\"50\"", "bytes-per-day=\"0\"", "line 7, column 60", "bytes_per_day \"0\""},
      {"allow=\"yes\" packets", "packets", "line 7, column 6", "needs the attribute allow"},
      {"test-ports=\"8760-8960\"", "test-ports=\"8760\"", "line 5, column 13", "two port numbers"},
      {"test-ports=\"8760-8960\"", "test-ports=\"8760-8761\"", "line 5, column 13", "at least 16 ports"},
      {"test-ports=\"8760-8960\"", "test-ports=\"80-8960\"", "line 5, column 13", "between 1024 and 65535"},
      {"test-ports=\"8760-8960\"", "test-ports=\"8760-70000\"", "line 5, column 13", "two port numbers"},
      {"spin=\"50 us\"", "spin=\"2 ms\"", "line 5, column 36", "0 s to 1 ms"},
      {"gva.example.org sonde\"", "gva.example.org a/b\"", "line 5, column 49",
       "web_names \"a/b\": allowed is a host name"},
      {"gva.example.org sonde\"", "sonde sonde\"", "line 5, column 49", "each name once"},
      {"public-reading=\"no\"", "disk-limit-bytes=\"1\"", "line 5, column 83", "0 (what is free less 10 %)"},
      {"id=\"00112233445566778899aabbccddeeff\"", "id=\"1\"", "line 4, column 9", "32 digits"},
      {"latitude=\"46.2\"", "latitude=\"91\"", "line 4, column 119", "-90 to 90"},
      {"latitude=\"46.2\"", "latitude=\"nan\"", "line 4, column 119", "-90 to 90"},
      {"latitude=\"46.2\"", "latitude=\"x\"", "line 4, column 119", "latitude \"x\": allowed is a number"},
      {"latitude=\"46.2\" ", "", "line 4, column", "both latitude and longitude"},
      {"noc@example.org", "noc at example.org", "line 4, column 151", "an e-mail address"},
      {"version=\"1\" set-up", "version=\"0\" set-up", "line 2, column 8", "version \"0\": allowed is 1"},
      {"version=\"1\" set-up", "version=\"2\" set-up", "line 2, column 8", "A later Sonde wrote this file (format 2)"},
      {"version=\"1\" set-up", "version=\"4\" readable-by=\"3\" set-up", "line 2, column 8",
       "start the later one again"},
      {"set-up=\"yes\"", "set-up=\"maybe\"", "line 2, column 20", "yes or no"},
      {"<engines>", "<site/><engines>", "line 6, column 4", "<site> stands twice"},
      {"<sonde version", "<!DOCTYPE sonde [<!ENTITY a \"b\">]>\n<sonde version", "line 2",
       "A DOCTYPE is not allowed here"},
      {"</sonde>", "</sonde><sonde version='1'/>", "line 29", "stands after the end"},
      {"</tests>", "</test>", "line 27", "This is not XML"},
      {"Lyon", "Ly\xffn", "line 11, column 29", "not UTF-8"},
      {"Lyon", std::string_view("Ly\x01n").data(), "line 11, column 29", "A control character"},
  }));
  const ConfigParsed parsed = parse(changed(each.from, each.to));
  INFO(each.to << " gave: " << parsed.sentence);
  CHECK_FALSE(parsed.config);
  CHECK(parsed.sentence.starts_with("sonde.xml " + std::string(each.place)));
  CHECK(parsed.sentence.find(each.sentence) != std::string::npos);
}

TEST_CASE("a file that is empty, another thing, too large or too deep is refused") {
  CHECK_FALSE(parse("").config);
  CHECK_FALSE(parse("hello").config);
  CHECK_FALSE(parse("<settings/>").config);
  CHECK_FALSE(parse("<sonde version='1'>" + std::string(4 << 20, ' ') + "</sonde>").config);
  const auto deep = [](int n) {
    std::string open, close;
    for (int i = 0; i < n; ++i) {
      open += "<a>";
      close += "</a>";
    }
    return "<sonde version='1'>" + open + close + "</sonde>";
  };
  CHECK(parse(deep(63)).config);
  CHECK(parse(deep(64)).sentence.find("deeper than 64") != std::string::npos);
  CHECK(parse(deep(500'000)).sentence.find("deeper than 64") != std::string::npos);
}

TEST_CASE("one peer and one test too many are refused") {
  const auto with = [](int peers, int tests) {
    std::string text = "<sonde version='1'><peers>";
    for (int i = 0; i < peers; ++i)
      text += "<peer id='p" + std::to_string(i) + "' address='h" + std::to_string(i) + ".example.org'/>";
    text += "</peers><tests>";
    for (int i = 0; i < tests; ++i)
      text += "<test id='t" + std::to_string(i) + "' probe='self'><continuous step='1 min'/></test>";
    return text + "</tests></sonde>";
  };
  CHECK(parse(with(1000, 5000)).config);
  CHECK(parse(with(1001, 0)).sentence.find("at most 1000 peers") != std::string::npos);
  CHECK(parse(with(0, 5001)).sentence.find("at most 5000 tests") != std::string::npos);
}

TEST_CASE("what is written reads back the same, from nothing and over an older file") {
  Config config = good();
  CHECK(*parse(write_config(config, "", fake_probes())).config == config);
  config.tests[0].schedule = {.kind = Schedule::Kind::continuous, .period = std::chrono::seconds(10)};
  config.tests[0].options = {{"rate", "2"}};
  config.tests[2].title = "<b> & \"quotes\" 'and' more";
  config.tests.erase(config.tests.begin() + 1);
  config.peers.push_back({"new", "", "2001:db8::7"});
  config.engine_rules->erase(config.engine_rules->begin());
  config.site.latitude.reset();
  config.site.longitude.reset();
  config.set_up = false;
  CHECK(*parse(write_config(config, kGood, fake_probes())).config == config);
  config.engine_rules.reset();
  CHECK(*parse(write_config(config, kGood, fake_probes())).config == config);
}

TEST_CASE("comments and unknown elements survive a change, and what did not change keeps its spelling") {
  Config config = good();
  config.tests[0].title = "renamed";
  const std::string text = write_config(config, kGood, fake_probes());
  for (const char* kept : {"<!-- asked by the campus network group, ticket 7 -->", "<!-- the important one -->",
                           "<remark by=\"ops\">do not touch</remark>", "<future thing=\"1\">", "title=\"renamed\"",
                           "step=\"10 s\"", "public-reading=\"no\"", "Example &amp; Sons"})
    CHECK(text.find(kept) != std::string::npos);
  CHECK(write_config(config, text, fake_probes()) == text);
}

TEST_CASE("a configuration that breaks a rule is not written") {
  Config config = good();
  config.tests[0].type_p.dscp = 64;
  CHECK_THROWS_AS(write_config(config, kGood, fake_probes()), Error);
  CHECK_THROWS_AS(write_config(good(), "<sonde", fake_probes()), Error);
}

TEST_CASE("durations are written so that they read back exactly") {
  for (const std::int64_t ns :
       {0ll, 1ll, 999ll, 1'000ll, 1'500'000ll, 90'000'000'000ll, 3'600'000'000'000ll, 86'400'000'000'001ll})
    CHECK(parse_duration(exact_duration(Duration{ns})) == Duration{ns});
  CHECK(exact_duration(std::chrono::seconds(90)) == "90 s");
}

TEST_CASE("flipped and cut bytes never do more than be refused or read") {
  const auto random = seeded_random(11);
  for (std::size_t cut = 0; cut + 2 < kGood.size(); cut += 3) CHECK_FALSE(parse(kGood.substr(0, cut)).config);
  for (int i = 0; i < 3000; ++i) {
    std::string bad = kGood;
    for (std::uint64_t n = random->below(6) + 1; n > 0; --n)
      bad[random->below(bad.size())] = static_cast<char>(random->next());
    const auto parsed = parse(bad);
    CHECK(parsed.config.has_value() == parsed.sentence.empty());
  }
}

namespace {

const std::string kDay = R"(<sonde version="1">
  <peers><peer id="lyon" address="192.0.2.7"/></peers>
  <tests>
    <test id="t1" probe="echo" peer="lyon">
      <at times="02:00 14:30" spread="10 min"/>
    </test>
    <test id="t2" probe="heavy" peer="lyon">
      <every period="1 min" spread="30 s"/>
    </test>
  </tests>
  <pauses>
    <pause name="backup" begin="01:00" end="02:30" days="Mon,Tue"/>
    <!-- the long one -->
    <pause begin="23:00" end="01:00"/>
  </pauses>
</sonde>
)";

ConfigParsed parse_day(std::string text) { return parse_config(text, "sonde.xml", fake_probes_and_heavy()); }

}  // namespace

TEST_CASE("times of the day and pauses are read, and written as they were") {
  const auto parsed = parse_day(kDay);
  INFO(parsed.sentence);
  REQUIRE(parsed.config);
  Config config = *parsed.config;
  CHECK(config.tests[0].schedule.kind == Schedule::Kind::at);
  CHECK(config.tests[0].schedule.times == std::vector{TimeOfDay{120}, TimeOfDay{870}});
  CHECK(config.tests[0].schedule.spread == std::chrono::minutes(10));
  CHECK(config.pauses == std::vector<PauseWindow>{{"backup", TimeOfDay{60}, TimeOfDay{150}, 3},
                                                  {"", TimeOfDay{1380}, TimeOfDay{60}, 0x7f}});
  CHECK(write_config(config, kDay, fake_probes_and_heavy()).find("<!-- the long one -->") != std::string::npos);
  CHECK(*parse_day(write_config(config, "", fake_probes_and_heavy())).config == config);
  config.pauses[1].days = 1;
  config.pauses.erase(config.pauses.begin());
  config.tests[0].schedule = {.kind = Schedule::Kind::every, .period = std::chrono::hours(1)};
  config.tests[1].schedule = {.kind = Schedule::Kind::at, .times = {TimeOfDay{0}}};
  CHECK(*parse_day(write_config(config, kDay, fake_probes_and_heavy())).config == config);
  config.pauses.clear();
  CHECK(*parse_day(write_config(config, kDay, fake_probes_and_heavy())).config == config);
}

TEST_CASE("every rule of times, pauses and the day has a file that breaks it") {
  struct Break {
    const char *from, *to, *place, *sentence;
  };
  const auto each = GENERATE(values<Break>({
      {"times=\"02:00 14:30\"", "times=\"\"", "line 5, column 11", "1 to 48 times of day"},
      {"times=\"02:00 14:30\" ", "", "line 5, column 8", "<at> needs the attribute times"},
      {"14:30", "14:60", "line 5, column 11", "times \"14:60\": allowed is a time of day in UTC"},
      {"14:30", "24:00", "line 5, column 11", "times \"24:00\": allowed is a time of day from 00:00 to 23:59"},
      {"14:30", "02:00", "line 5, column 11", "times \"02:00\": allowed is each time once, in the order of the day"},
      {"02:00 14:30", "14:30 02:00", "line 5, column 11", "each time once, in the order of the day"},
      {"spread=\"10 min\"", "spread=\"12 h\"", "line 5, column 31", "the shortest time between two runs, 690 min"},
      {"spread=\"10 min\"", "step=\"1 h\"", "line 5, column 31", "only times, spread in <at>"},
      {"period=\"1 min\"", "period=\"45 s\"", "line 7, column", "The day is overfull: 1 heavy test needs"},
      {"<every period=\"1 min\" spread=\"30 s\"/>", "<continuous step=\"1 min\"/>", "line 8, column",
       "every, at or once"},
      {"begin=\"01:00\"", "begin=\"24:00\"", "line 12, column 26", "begin \"24:00\""},
      {"begin=\"01:00\"", "begin=\"1:00\"", "line 12, column 26", "begin \"1:00\": allowed is a time of day"},
      {"end=\"02:30\"", "end=\"01:00\"", "line 12, column 40", "another time than the begin"},
      {"end=\"02:30\"", "end=\"00:00\"", "line 12, column 40", "24:00 for the end of the day"},
      {"days=\"Mon,Tue\"", "days=\"Mon Tue\"", "line 12, column 52", "daily, or days as in Mon,Tue,Sun"},
      {"days=\"Mon,Tue\"", "days=\"\"", "line 12, column 52", "daily, or days"},
      {"name=\"backup\"", "name=\" backup\"", "line 12, column 12", "text without blanks"},
      {"<pause begin=\"23:00\" end=\"01:00\"/>",
       "<pause name=\"backup\" begin=\"01:00\" end=\"02:30\" days=\"Mon,Tue\"/>", "line 14, column", "each pause once"},
      {"<pause begin=\"23:00\" end=\"01:00\"/>", "<pause end=\"01:00\"/>", "line 14, column 6",
       "needs the attribute begin"},
  }));
  std::string text = kDay;
  const auto at = text.find(each.from);
  REQUIRE(at != std::string::npos);
  const auto parsed = parse_day(text.replace(at, std::string(each.from).size(), each.to));
  INFO(each.to << " gave: " << parsed.sentence);
  CHECK_FALSE(parsed.config);
  CHECK(parsed.sentence.find(std::string("sonde.xml ") + each.place) == 0);
  CHECK(parsed.sentence.find(each.sentence) != std::string::npos);
}

TEST_CASE("one time of the day and one pause too many are refused") {
  Config config = *parse_day(kDay).config;
  config.tests[0].schedule.times.clear();
  for (int i = 0; i < 49; ++i) config.tests[0].schedule.times.push_back(TimeOfDay{20 * i});
  CHECK(check(config, fake_probes_and_heavy())->sentence.find("1 to 48 times") != std::string::npos);
  config.tests[0].schedule.times.pop_back();
  CHECK_FALSE(check(config, fake_probes_and_heavy()));
  config.pauses.clear();
  for (int i = 0; i < 33; ++i) config.pauses.push_back({"", TimeOfDay{i}, TimeOfDay{100}, 1});
  CHECK(check(config, fake_probes_and_heavy())->sentence.find("at most 32 pauses") != std::string::npos);
  config.pauses.pop_back();
  CHECK_FALSE(check(config, fake_probes_and_heavy()));
}

TEST_CASE("a file of the next format is read and changed if it says so, and what is new in it stays") {
  std::string next = changed("version=\"1\" set-up", "version=\"2\" readable-by=\"1\" set-up");
  next.replace(next.find("id=\"lyon\""), 0, "colour=\"green\" ");
  const auto parsed = parse(next);
  INFO(parsed.sentence);
  REQUIRE(parsed.config);
  CHECK(parsed.config->peers == good().peers);
  Config config = *parsed.config;
  config.site.place = "Bern";
  const std::string written = write_config(config, next, fake_probes());
  CHECK(written.find("<sonde version=\"2\" readable-by=\"1\"") != std::string::npos);
  CHECK(written.find("colour=\"green\"") != std::string::npos);
  CHECK(parse(written).config->site.place == "Bern");
}
