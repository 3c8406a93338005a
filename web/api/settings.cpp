#include "core/config/rules.h"
#include "core/config/text_rules.h"
#include "web/api/change.h"
#include "web/api/fields.h"
#include "web/api/reply.h"
#include "web/api/resources.h"
#include "web/api/site_json.h"

namespace sonde::web {
namespace {

HttpResponse settings_reply(const Snapshot& now) {
  const Settings& settings = now.config->settings;
  JsonWriter out;
  out.begin_object().key("site");
  write_site(out, now.config->site, true);
  out.key("test_ports").begin_object().field("first", settings.test_ports.first);
  out.field("last", settings.test_ports.second).end_object().field("spin", exact_duration(settings.spin));
  out.key("web_names").begin_array();
  for (const std::string& name : settings.web_names) out.value(name);
  out.end_array().field("public_reading", settings.public_reading);
  out.field("banner", settings.banner).field("disk_limit_bytes", settings.disk_limit_octets).end_object();
  return with_etag(json_reply(std::move(out)), now.config_revision);
}

HttpResponse get_settings(Call& call) { return settings_reply(*call.now); }

std::optional<Problem> read_settings(const Json& body, Site& site, Settings& settings) {
  Fields in(body);
  for (const char* name : {"site", "test_ports", "spin", "web_names", "public_reading", "banner", "disk_limit_bytes"})
    in.must(name);
  read_site(in, site);
  Fields ports = in.object("test_ports");
  ports.must("first");
  ports.must("last");
  settings.test_ports.first = static_cast<std::uint16_t>(ports.whole("first", 1024, 65'535));
  settings.test_ports.second = static_cast<std::uint16_t>(ports.whole("last", 1024, 65'535));
  in.join(ports);
  settings.spin = in.duration("spin");
  settings.web_names = in.texts("web_names", 32);
  settings.public_reading = in.flag("public_reading");
  settings.banner = in.text("banner");
  settings.disk_limit_octets = static_cast<std::uint64_t>(in.whole("disk_limit_bytes", 0, 1'000'000'000'000'000));
  return in.finish();
}

HttpResponse change_settings(Call& call) {
  const Precondition condition = if_match(call.request);
  if (condition.refusal) return *condition.refusal;
  Site site = call.now->config->site;
  Settings settings = call.now->config->settings;
  if (auto wrong = read_settings(call.body, site, settings)) return problem(*wrong);
  auto refusal =
      apply(call, "settings", condition.revision, [site, settings](Config& config) -> std::optional<Problem> {
        config.site = site;
        config.settings = settings;
        return std::nullopt;
      });
  return refusal ? *refusal : settings_reply(*call.node().snapshot());
}

constexpr Route kRoutes[] = {
    {"GET", "/settings", Needs::viewer, get_settings},
    {"PUT", "/settings", Needs::administrator, change_settings, Route::Body::json},
};

}  // namespace

void write_site(JsonWriter& out, const Site& site, bool with_contact) {
  out.begin_object().field("name", site.name).field("organisation", site.organisation).field("place", site.place);
  out.field("latitude", site.latitude).field("longitude", site.longitude);
  out.field("contact", with_contact ? site.contact : "");
  out.field("administrator", with_contact ? site.administrator : "").key("communities").begin_array();
  for (const std::string& community : site.communities) out.value(community);
  out.end_array().end_object();
}

void read_site(Fields& in, Site& site) {
  Fields inner = in.object("site");
  site.name = inner.text("name");
  site.organisation = inner.text("organisation");
  site.place = inner.text("place");
  site.latitude = inner.number("latitude", -90, 90);
  site.longitude = inner.number("longitude", -180, 180);
  site.contact = inner.text("contact");
  // younger than the form of this request: those who do not know them keep them
  site.administrator = inner.text("administrator", site.administrator);
  if (inner.has("communities")) site.communities = inner.texts("communities", kMostCommunities);
  in.join(inner);
}

std::span<const Route> settings_routes() { return kRoutes; }

}  // namespace sonde::web
