#include "web/assets.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "web/assets/modules.h"

using namespace sonde::web;
using Catch::Matchers::Contains;

namespace {

HttpRequest with(std::string name, std::string value) {
  HttpRequest request;
  request.headers = {{std::move(name), std::move(value)}};
  return request;
}

std::string header_of(const HttpResponse& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return "";
}

const Asset& uplot() {
  const Asset* asset = find_asset(asset_path("vendor/uplot.js"));
  REQUIRE(asset != nullptr);
  return *asset;
}

}  // namespace

TEST_CASE("every file is found where it says it is served, others are not") {
  for (const Asset& asset : all_assets()) CHECK(find_asset(asset.path) == &asset);
  for (const char* path :
       {"", "/assets", "/assets/", "/vendor/uplot.js", "/assets/0000000000000000/vendor/uplot.js", "/../"}) {
    CHECK(find_asset(path) == nullptr);
  }
  CHECK(asset_path("no/such.js").empty());
}

TEST_CASE("a file under a hash is kept for ever, and sent packed to whom can unpack") {
  const auto packed = asset_response(with("Accept-Encoding", "br, gzip;q=0.9"), uplot());
  CHECK(packed.status == 200);
  CHECK(packed.content_type == "text/javascript; charset=utf-8");
  CHECK(header_of(packed, "Content-Encoding") == "gzip");
  CHECK_THAT(header_of(packed, "Cache-Control"), Contains("immutable"));
  CHECK(packed.body.size() < uplot().size / 2);
}

TEST_CASE("who cannot unpack gets the plain file") {
  for (const auto& request : {with("Accept-Encoding", "br"), with("Accept-Encoding", "gzip;q=0"), HttpRequest{}}) {
    const auto plain = asset_response(request, uplot());
    CHECK(header_of(plain, "Content-Encoding").empty());
    CHECK(plain.body.size() == uplot().size);
    CHECK_THAT(plain.body, Contains("uPlot") && Catch::Matchers::EndsWith("export default uPlot;\n"));
  }
}

TEST_CASE("who has the file gets an empty 304") {
  const std::string tag(uplot().etag);
  for (const std::string& value : {tag, "\"other\", W/" + tag}) {
    const auto response = asset_response(with("If-None-Match", value), uplot());
    CHECK(response.status == 304);
    CHECK(response.body.empty());
    CHECK(header_of(response, "ETag") == tag);
  }
  CHECK(asset_response(with("If-None-Match", "\"other\""), uplot()).status == 200);
}

TEST_CASE("the licences of what is embedded are embedded too") {
  for (const char* name : {"vendor/htm-licence.txt", "vendor/uplot-licence.txt", "vendor/notice.txt"}) {
    CHECK_FALSE(asset_path(name).empty());
  }
}

TEST_CASE("a page is led to its files and told ahead of the modules it needs at once") {
  const sonde::embed::Files files{
      {"index.html",
       "<head><link rel=\"stylesheet\" href=\"style/a.css\"><a href=\"#top\"></head><script src=\"main.js\">"},
      {"main.js", "import { a } from \"./parts/a.js\";\nimport('./parts/late.js');\nconst x = \"./not.js\";"},
      {"parts/a.js", "import x from '../main.js';\nexport * from\n  \"./b.js\";"},
      {"parts/b.js", ""},
      {"parts/late.js", ""},
      {"style/a.css", ""}};
  const std::string page = sonde::embed::linked_page(files, "index.html", "/assets/1/");
  CHECK_THAT(page, Contains("href=\"/assets/1/style/a.css\"") && Contains("src=\"/assets/1/main.js\"") &&
                       Contains("href=\"#top\"") && Contains("rel=\"modulepreload\" href=\"/assets/1/parts/b.js\"") &&
                       !Contains("late.js"));
  CHECK(sonde::embed::imports_of(files, "main.js").later == std::vector<std::string>{"parts/late.js"});
}

TEST_CASE("a page or module that names a missing file fails the build") {
  const sonde::embed::Files files{{"index.html", "<script src=\"gone.js\">"},
                                  {"a.js", "import \"./gone.js\""},
                                  {"b.js", "import x from \"../../outside.js\""}};
  CHECK_THROWS_WITH(sonde::embed::linked_page(files, "index.html", "/"), Contains("index.html names gone.js"));
  CHECK_THROWS_WITH(sonde::embed::imports_of(files, "a.js"), Contains("a.js imports ./gone.js"));
  CHECK_THROWS_WITH(sonde::embed::imports_of(files, "b.js"), Contains("not among the pages"));
}
