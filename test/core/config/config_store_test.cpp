#include "core/config/config_store.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "core/base/error.h"
#include "core/base/files.h"
#include "test/support/fake_probes.h"
#include "test/support/temporary_folder.h"

using namespace sonde;
using namespace sonde::test;
using Source = ConfigStore::Source;

namespace {
constexpr UtcTime kNow = utc_from_seconds(1'790'000'000);
Config named(const std::string& name) {
  Config config;
  config.site.name = name;
  return config;
}
}  // namespace

TEST_CASE("an empty folder means defaults that can be changed") {
  const TemporaryFolder folder;
  ConfigStore store(folder.path(), fake_probes());
  const auto state = store.load(kNow);
  CHECK(state.source == Source::fresh);
  CHECK(state.editable);
  CHECK(state.config == Config{});
}

TEST_CASE("what was saved is there for the next start, readable by its owner only") {
  const TemporaryFolder folder;
  ConfigStore first(folder.path(), fake_probes());
  first.load(kNow);
  first.save(named("gva"), kNow);
  ConfigStore second(folder.path(), fake_probes());
  const auto state = second.load(kNow);
  CHECK(state.source == Source::file);
  CHECK(state.config == named("gva"));
  struct stat status {};
  REQUIRE(::stat(second.path().c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
}

TEST_CASE("the last 20 versions are kept, oldest first, also when the clock goes back") {
  const TemporaryFolder folder;
  ConfigStore store(folder.path(), fake_probes());
  store.load(kNow);
  for (int i = 0; i < 25; ++i) store.save(named("n" + std::to_string(i)), kNow - std::chrono::hours(i));
  const auto versions = store.versions();
  REQUIRE(versions.size() == 20);
  CHECK(read_file(versions.front(), 100'000)->find("\"n5\"") != std::string::npos);
  CHECK(read_file(versions.back(), 100'000)->find("\"n24\"") != std::string::npos);
}

TEST_CASE("a file broken while running: the last good one runs, editing is refused, the sentence says where") {
  const TemporaryFolder folder;
  ConfigStore store(folder.path(), fake_probes());
  store.load(kNow);
  store.save(named("gva"), kNow);
  CHECK_FALSE(store.changed());
  write_file_atomically(store.path(), "<sonde version='1'>\n <site latitude='x'/></sonde>", 0600);
  CHECK(store.changed());
  CHECK_THROWS_AS(store.save(named("other"), kNow), Error);
  const auto state = store.load(kNow);
  CHECK(state.source == Source::last_good);
  CHECK_FALSE(state.editable);
  CHECK(state.config == named("gva"));
  CHECK(state.sentence.starts_with("sonde.xml line 2, column 8: latitude \"x\""));
  CHECK_THROWS_AS(store.save(named("other"), kNow), Error);
  write_file_atomically(store.path(), "<sonde version='1'><site name='fixed'/></sonde>", 0600);
  CHECK(store.load(kNow).config == named("fixed"));
  store.save(named("again"), kNow);
}

TEST_CASE("a file broken at the start: the newest good version runs, made by the web or by hand") {
  const TemporaryFolder folder;
  {
    ConfigStore store(folder.path(), fake_probes());
    store.load(kNow);
    store.save(named("web"), kNow);
    write_file_atomically(store.path(), "<sonde version='1'><site name='hand'/></sonde>", 0600);
    store.load(kNow);
  }
  write_file_atomically(folder / "sonde.xml", "garbage", 0600);
  ConfigStore store(folder.path(), fake_probes());
  const auto state = store.load(kNow);
  CHECK(state.source == Source::last_good);
  CHECK(state.config == named("hand"));
}

TEST_CASE("a file broken at the start without any good version leaves defaults that cannot be changed") {
  const TemporaryFolder folder;
  write_file_atomically(folder / "sonde.xml", "garbage", 0600);
  ConfigStore store(folder.path(), fake_probes());
  const auto state = store.load(kNow);
  CHECK(state.source == Source::none);
  CHECK_FALSE(state.editable);
  CHECK(state.config == Config{});
}

TEST_CASE("a good change by hand is not overwritten unseen") {
  const TemporaryFolder folder;
  ConfigStore store(folder.path(), fake_probes());
  store.load(kNow);
  store.save(named("a"), kNow);
  write_file_atomically(store.path(), "<sonde version='1'><site name='hand'/></sonde>", 0600);
  CHECK_THROWS_AS(store.save(named("b"), kNow), Error);
  CHECK(store.load(kNow).config == named("hand"));
}

TEST_CASE("where nobody mends it by hand a broken file is put aside, and the last good version takes its place") {
  const TemporaryFolder folder;
  {
    ConfigStore store(folder.path(), fake_probes());
    store.load(kNow);
    store.save(named("newest"), kNow);
  }
  const auto whole = *read_file(folder / "sonde.xml", 100'000);
  write_file_atomically(folder / "sonde.xml", whole.substr(0, whole.size() / 2), 0600);
  ConfigStore store(folder.path(), fake_probes());
  REQUIRE_FALSE(store.load(kNow).editable);
  const auto state = store.replace_broken(kNow);
  CHECK(state.source == Source::last_good);
  CHECK(state.editable);
  CHECK(state.config == named("newest"));
  CHECK_THAT(state.sentence, Catch::Matchers::Contains("sonde.xml line") && Catch::Matchers::Contains(".broken"));
  CHECK(read_file(folder / "sonde.xml.broken", 100'000)->size() == whole.size() / 2);
  store.save(named("after"), kNow);
  CHECK(ConfigStore(folder.path(), fake_probes()).load(kNow).config == named("after"));
}

TEST_CASE("a broken file without any good version is put aside, and the node begins anew") {
  const TemporaryFolder folder;
  write_file_atomically(folder / "sonde.xml", "garbage", 0600);
  ConfigStore store(folder.path(), fake_probes());
  store.load(kNow);
  const auto state = store.replace_broken(kNow);
  CHECK(state.source == Source::fresh);
  CHECK(state.editable);
  CHECK_THAT(state.sentence, Catch::Matchers::Contains("set it up again"));
  store.save(named("anew"), kNow);
}

TEST_CASE("a file that a later Sonde wrote is not put aside") {
  const TemporaryFolder folder;
  write_file_atomically(folder / "sonde.xml", "<sonde version='900' readable-by='899'/>", 0600);
  ConfigStore store(folder.path(), fake_probes());
  REQUIRE_FALSE(store.load(kNow).editable);
  CHECK_THROWS_WITH(store.replace_broken(kNow), Catch::Matchers::Contains("later Sonde"));
  CHECK(read_file(folder / "sonde.xml", 100)->starts_with("<sonde version='900'"));
}
