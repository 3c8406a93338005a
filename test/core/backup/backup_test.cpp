#include <catch2/catch.hpp>
#include <filesystem>
#include <set>

#include "core/archive/journal.h"
#include "core/base/files.h"
#include "core/base/random.h"
#include "core/config/config_file.h"
#include "test/core/backup/backup_fixture.h"

using namespace sonde;
using namespace sonde::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

/// A node without any data, into which is restored.
struct Fresh {
  MemoryFolder folder;
  RestoreOptions options{.data = folder.path(), .version = "0.1.0", .same_node = true};
  Fresh() { write_file_atomically(at("sonde.xml"), "what is here", 0600); }
  std::string at(const std::string& name) const { return (folder.path() / name).string(); }

  /// The sentence of the refusal; nothing may be left of it. Empty: it was taken, and its content stays in `taken`.
  std::string refusal(const std::string& file) {
    std::string said;
    try {
      stage_restore(options, source_of(file));
      taken = contents_of(at("restore-next"));
      fs::remove_all(at("restore-next"));
    } catch (const Error& error) {
      said = error.what();
    }
    const bool untouched = contents_of(folder.path()) == Members{{"sonde.xml", "what is here"}};
    CHECK(untouched);
    CHECK_FALSE(fs::exists(at("restore-incoming")));
    return said;
  }
  Members taken;
};

Members::iterator member(Members& members, std::string_view ending) {
  const auto found = std::ranges::find_if(members, [&](const auto& m) { return m.first.ends_with(ending); });
  REQUIRE(found != members.end());
  return found;
}

std::vector<double> values(const Series& series) {
  std::vector<double> all;
  for (const Point& point : series.points) all.push_back(point.value.value_or(-1));
  return all;
}

}  // namespace

TEST_CASE("what was backed up answers the same after it was restored elsewhere") {
  BackedUpNode node;
  const std::string file = node.backup();
  Fresh fresh;
  const Restored restored = stage_restore(fresh.options, source_of(file));
  CHECK(restored.description.node_name == "gva.example.org");
  CHECK(restored.node_id == node.config.site.node_id);
  CHECK(fs::exists(fresh.at("restore-next")));
  REQUIRE(finish_restore(fresh.folder.path()));
  CHECK(read_file(fresh.at("sonde.xml"), 1 << 20) == read_file(node.folder.path() / "sonde.xml", 1 << 20));
  CHECK(read_file(fresh.at("before-restore/sonde.xml"), 100) == "what is here");
  const auto there = open_archive({.directory = fresh.folder.path() / "archive"}, node.clock);
  const TimeRange all{kStart - 1h, kStart + 24h};
  const auto ours = node.archive->series("path1"), theirs = there->series("path1");
  REQUIRE(ours.size() == theirs.size());
  REQUIRE(ours.size() > 20);
  for (const SeriesInfo& series : ours)
    for (const Duration step : {Duration{1min}, Duration{5min}, Duration{1h}}) {
      INFO(series.key.id());
      CHECK(values(node.archive->fetch(series.key, all, step)) == values(there->fetch(series.key, all, step)));
    }
  const auto results = node.archive->results({.test = "", .range = all, .limit = 1000});
  const auto same = there->results({.test = "", .range = all, .limit = 1000});
  REQUIRE(results.size() == same.size());
  for (std::size_t i = 0; i < results.size(); ++i) CHECK(describe(*results[i]) == describe(*same[i]));
  // it goes on: what comes next is stored and applied, and each series file has a copy to be mended from
  CHECK(there->store(owamp_minute(120)));
  there->maintain();
  CHECK(there->results({.test = "path1", .range = all, .limit = 1000}).size() == results.size());
  CHECK(fs::exists(fresh.at("archive/copies")));
}

TEST_CASE("a copy gets an id of its own, the same node keeps it") {
  BackedUpNode node(3);
  const std::string file = node.backup();
  Fresh fresh;
  fresh.options.same_node = false;
  const Restored restored = stage_restore(fresh.options, source_of(file));
  CHECK(restored.node_id.size() == 32);
  CHECK(restored.node_id != node.config.site.node_id);
  CHECK(read_file(fresh.at("restore-next/sonde.xml"), 1 << 20)->find(restored.node_id) != std::string::npos);
}

TEST_CASE("a copy leaves the machine that it is restored on its own name and addresses") {
  BackedUpNode node(3);
  node.config.host.emplace().name = "geneva";
  ConfigStore store(node.folder.path(), {});
  store.load(kStart);
  store.save(node.config, kStart);
  const std::string file = node.backup();
  Config here;
  here.host.emplace().name = "bern";
  Fresh fresh;
  write_file_atomically(fresh.at("sonde.xml"), write_config(here, "", {}), 0600);
  const auto name_after = [&](bool same) {
    fresh.options.same_node = same;
    stage_restore(fresh.options, source_of(file));
    const auto text = read_file(fresh.at("restore-next/sonde.xml"), kMostConfigOctets);
    fs::remove_all(fresh.at("restore-next"));
    return parse_config(*text, "sonde.xml", {}).config->host->name;
  };
  CHECK(name_after(false) == "bern");
  CHECK(name_after(true) == "geneva");
}

TEST_CASE("no secret is in a backup") {
  BackedUpNode node(3);
  write_file_atomically(node.folder.path() / "web.key", "-----BEGIN PRIVATE KEY-----", 0600);
  const std::string access = *read_file(node.folder.path() / "access.json", 1 << 20);
  REQUIRE(access.find("searched-for") != std::string::npos);
  std::set<std::string> names;
  for (const auto& [name, content] : unpacked(node.backup())) {
    names.insert(name);
    for (const char* secret : {"searched-for", "scrypt:", "PRIVATE KEY", "grafana"})
      CHECK(content.find(secret) == std::string::npos);
  }
  CHECK(names.contains("backup.json"));
  CHECK_FALSE(names.contains("access.json"));
}

TEST_CASE("a backup that is cut off anywhere is refused and changes nothing") {
  BackedUpNode node(3);
  const std::string file = node.backup();
  Fresh fresh;
  for (std::size_t part = 0; part < 24; ++part) {
    INFO(part << " of 24 parts");
    CHECK_FALSE(fresh.refusal(file.substr(0, file.size() * part / 24)).empty());
  }
  CHECK(fresh.refusal("") != "");
  std::size_t asked = 0;
  const auto breaks = [&](std::span<char> out) -> std::optional<std::size_t> {
    if (++asked > 1) return std::nullopt;
    return source_of(file)(out.first(100));
  };
  CHECK_THROWS_WITH(stage_restore(fresh.options, breaks), Catch::Contains("broke off"));
}

TEST_CASE("a backup with flipped octets is refused and changes nothing") {
  BackedUpNode node(3);
  const std::string file = node.backup();
  const auto random = seeded_random(20261121);
  Fresh fresh;
  REQUIRE(fresh.refusal(file).empty());
  const Members reference = std::exchange(fresh.taken, {});
  int refused = 0;
  // How many of the first are noticed is chance: most of the file can be said in several ways.
  for (int i = 0; i < 25 || (refused <= 5 && i < 200); ++i) {
    std::string flipped = file;
    // the head of gzip holds a time and a system's name that mean nothing
    const std::size_t at = 10 + random->below(flipped.size() - 18);
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << random->below(8)));
    INFO("octet " << at);
    // Unknown values repeat every eight octets, so some flips give the same again: then it is the same to the last one.
    const bool same = !fresh.refusal(flipped).empty() || fresh.taken == reference;
    CHECK(same);
    if (fresh.taken.empty()) ++refused;
    fresh.taken.clear();
  }
  CHECK(refused > 5);
}

TEST_CASE("octets flipped beneath good checksums of gzip are found by the list of checksums") {
  BackedUpNode node(3);
  Members members = unpacked(node.backup());
  Fresh fresh;
  for (const char* name : {"sonde.xml", "journal.db", "-steps.rrd"}) {
    Members flipped = members;
    auto& content = member(flipped, name)->second;
    content[content.size() / 2] = static_cast<char>(content[content.size() / 2] ^ 1);
    CHECK(fresh.refusal(packed(flipped)).find("is damaged: its checksum") != std::string::npos);
  }
}

TEST_CASE("whoever reseals a backup cannot smuggle anything in") {
  BackedUpNode node(3);
  const Members members = unpacked(node.backup());
  Fresh fresh;
  const auto with = [&](const std::string& name, const std::string& content) {
    Members more = members;
    more.insert(more.end() - 1, {name, content});
    return fresh.refusal(resealed(more));
  };
  for (const char* name :
       {"../escaped", "/etc/passwd", "access.json", "archive/journal.db-wal", "archive/series/../../x",
        "archive/series/1/2-1-steps.rrd", "archive/series/01/101-1-steps.rrd", "archive/copies/x",
        "archive/series/1/101-1-steps.rrd/x", "./sonde.xml"})
    CHECK(with(name, "x").find("a file that no backup has") != std::string::npos);
  CHECK(with("sonde.xml", "<sonde/>").find("twice") != std::string::npos);
  CHECK(with("archive/series/1/101-1-steps.rrd", "RRD").find("knows nothing of") != std::string::npos);
  CHECK(with("backup.json", "{}").find("a file that no backup has") != std::string::npos);
}

TEST_CASE("what is sealed well and still is not right is refused with a sentence") {
  BackedUpNode node(3);
  const Members members = unpacked(node.backup());
  Fresh fresh;
  const auto with = [&](std::string_view name, const std::string& content) {
    Members changed = members;
    member(changed, name)->second = content;
    return fresh.refusal(resealed(changed));
  };
  const auto without = [&](std::string_view name) {
    Members fewer = members;
    fewer.erase(member(fewer, name));
    return fresh.refusal(resealed(fewer));
  };
  CHECK(with("sonde.xml", "<sonde><site latitude=\"1000\"/></sonde>").find("configuration") != std::string::npos);
  CHECK(with("journal.db", "not a database at all").find("database") != std::string::npos);
  CHECK(without("sonde.xml").find("sonde.xml is missing") != std::string::npos);
  CHECK(without("journal.db").find("journal.db is missing") != std::string::npos);
  std::string rrd = member(const_cast<Members&>(members), "-steps.rrd")->second;
  CHECK(with("-steps.rrd", rrd.substr(0, rrd.size() - 8)).find("no whole RRD file") != std::string::npos);
  CHECK(with("-steps.rrd", rrd.substr(0, 20)).find("no whole RRD file") != std::string::npos);
  // numbers in the head that would make a reader look beyond the file's end
  const std::size_t sources = static_cast<unsigned char>(rrd[24]);
  for (const std::size_t at : {std::size_t{24}, std::size_t{32}, 128 + 120 * sources + 24}) {
    std::string hostile = rrd;
    for (std::size_t i = 0; i < 8; ++i) hostile[at + i] = static_cast<char>(0x7f);
    CHECK_FALSE(with("-steps.rrd", hostile).empty());
  }
}

TEST_CASE("a database with a trigger of its own is refused") {
  BackedUpNode node(3);
  Members members = unpacked(node.backup());
  const MemoryFolder place;
  const std::string database = (place.path() / "journal.db").string();
  auto& content = member(members, "journal.db")->second;
  write_file_atomically(database, content, 0600);
  {
    Journal journal(database, Journal::Mode::write);
    journal.execute(
        "PRAGMA journal_mode = DELETE; CREATE TRIGGER t AFTER INSERT ON result BEGIN DELETE FROM event; END");
  }
  content = *read_file(database, 1 << 30);
  CHECK(Fresh().refusal(resealed(members)).find("other tables") != std::string::npos);
}

TEST_CASE("newer formats and newer versions are refused, older versions are not") {
  const auto said = [](const std::string& text) -> std::string {
    try {
      read_description(text, "0.2.0");
      return "";
    } catch (const Error& error) {
      return error.what();
    }
  };
  const auto with = [&](const std::string& format, const std::string& version) {
    return said(R"({"product":"sonde","format":)" + format + R"(,"version":")" + version +
                R"(","made":"2026-11-21T00:00:00Z","octets":1,"files":1})");
  };
  CHECK(with("1", "0.1.9").empty());
  CHECK(with("1", "0.2.0").empty());
  CHECK(with("1", "0.2.1").find("newer than this one, 0.2.0") != std::string::npos);
  CHECK(with("1", "0.10.0").find("newer") != std::string::npos);
  CHECK(with("2", "0.1.0").find("newer") != std::string::npos);
  CHECK_FALSE(with("0", "0.1.0").empty());
  CHECK_FALSE(with("-1", "0.1.0").empty());
  CHECK(said("{}").find("no backup of Sonde") != std::string::npos);
  CHECK(said("").find("no backup of Sonde") != std::string::npos);
  CHECK(said(R"({"product":"other","format":1})").find("no backup of Sonde") != std::string::npos);
}

TEST_CASE("a backup that the disk or the rule for tests has no room for is refused") {
  BackedUpNode node(3);
  const std::string file = node.backup();
  SECTION("the disk") {
    Fresh fresh;
    fresh.options.free_octets = [] { return std::uint64_t{65 << 20}; };
    CHECK(fresh.refusal(file).find("more on the disk") != std::string::npos);
  }
  SECTION("the disk fills while it is unpacked") {
    Fresh fresh;
    fresh.options.free_octets = [n = 0]() mutable { return std::uint64_t{++n < 4 ? 1U << 30 : 1U << 20}; };
    CHECK(fresh.refusal(file).find("more on the disk") != std::string::npos);
  }
  SECTION("the tests") {
    Fresh fresh;
    fresh.options.refuse = [](const Config&) { return "All tests together could take 9 GB."; };
    CHECK(fresh.refusal(file).find("do not fit here. All tests") != std::string::npos);
  }
  SECTION("a member that says to be larger than any of its kind") {
    CHECK(most_octets("sonde.xml") == 4 << 20);
    Members members = unpacked(file);
    member(members, "sonde.xml")->second = std::string((4 << 20) + 1, ' ');
    CHECK(Fresh().refusal(resealed(members)).find("allowed are") != std::string::npos);
  }
}

TEST_CASE("storing goes on while a backup is made, and one is made at a time") {
  BackedUpNode node(60);
  const auto copy = node.backups->make_copy();
  CHECK_THROWS_AS(node.backups->make_copy(), BackupBusy);
  CHECK_THROWS_AS(node.backups->undo(), BackupBusy);
  CHECK(node.backups->state().doing == Backups::Doing::copying);
  node.archive->store(owamp_minute(60));
  node.archive->flush();
  CHECK(node.archive->results({.test = "path1", .range = {kStart, kStart + 24h}, .limit = 1000}).size() == 61);
  std::size_t octets = 0;
  copy->send([&](std::span<const char> piece) {
    octets += piece.size();
    return true;
  });
  CHECK(octets > 1000);
  CHECK(node.backups->state().done_octets == node.backups->state().total_octets);
}

TEST_CASE("when nobody takes the backup any more it ends, and nothing is left of it") {
  BackedUpNode node(60);
  {
    const auto copy = node.backups->make_copy();
    CHECK_THROWS_AS(copy->send([](std::span<const char>) { return false; }), Error);
  }
  CHECK_FALSE(fs::exists(node.folder.path() / "backup-copy"));
  CHECK(node.backups->state().doing == Backups::Doing::nothing);
}

TEST_CASE("a node that stops breaks off what is made and begins nothing") {
  BackedUpNode node(3);
  const auto copy = node.backups->make_copy();
  node.backups->stop();
  CHECK_THROWS_AS(copy->send([](std::span<const char>) { return true; }), Error);
  CHECK_THROWS_AS(node.backups->make_copy(), BackupBusy);
}

TEST_CASE("a restore of a running node restarts it once, and a refused one does not") {
  BackedUpNode node(3);
  const std::string file = node.backup();
  CHECK_THROWS_AS(node.backups->restore(source_of("garbage"), true), Error);
  CHECK(node.restarts == 0);
  CHECK(node.backups->state().doing == Backups::Doing::nothing);
  node.backups->restore(source_of(file), true);
  CHECK(node.restarts == 1);
  CHECK_THROWS_AS(node.backups->make_copy(), BackupBusy);
}
