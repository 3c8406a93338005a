#include "core/access/certificate.h"

#include "core/base/error.h"
#include "web/api/api.h"
#include "web/api/node_json.h"
#include "web/api/reply.h"
#include "web/api/resources.h"

namespace sonde::web {
namespace {

HttpResponse none() { return problem(404, "", "This node serves its page without TLS: it has no certificate."); }

HttpResponse certificate_reply(const Call& call) {
  JsonWriter out;
  write_certificate(out, call);
  return json_reply(std::move(out));
}

HttpResponse get_certificate(Call& call) { return call.parts.certificate ? certificate_reply(call) : none(); }

/// New connections get the new certificate; the answer still travels by the old one.
HttpResponse changed(const Call& call) {
  if (call.parts.certificate_changed) call.parts.certificate_changed();
  return certificate_reply(call);
}

HttpResponse put_certificate(Call& call, BodyReader& body) {
  if (!call.parts.certificate) return none();
  std::string pem(body.length(), '\0');
  std::size_t filled = 0;
  while (filled < pem.size()) {
    const auto got = body.read(std::span(pem).subspan(filled));
    if (!got) return problem(400, "", "The upload broke off; nothing was changed.");
    if (*got == 0) break;
    filled += *got;
  }
  pem.resize(filled);
  if (auto sentence = call.parts.certificate->use(pem, call.now->made); !sentence.empty())
    return problem(422, "", sentence);
  return changed(call);
}

HttpResponse delete_certificate(Call& call) {
  if (!call.parts.certificate) return none();
  call.parts.certificate->forget_uploaded();
  return changed(call);
}

HttpResponse get_request(Call& call) {
  if (!call.parts.certificate) return none();
  const auto names = call.parts.certificate->info().names;
  JsonWriter out;
  out.begin_object().field("pem", call.parts.certificate->signing_request(names)).end_object();
  return json_reply(std::move(out));
}

constexpr Route kRoutes[] = {
    {"GET", "/node/certificate", Needs::viewer, get_certificate},
    {"PUT", "/node/certificate", Needs::administrator, nullptr, Route::Body::upload, put_certificate},
    {"DELETE", "/node/certificate", Needs::administrator, delete_certificate},
    {"GET", "/node/certificate/request", Needs::administrator, get_request},
};

}  // namespace

void write_certificate(JsonWriter& out, const Call& call) {
  if (!call.parts.certificate) {
    out.null();
    return;
  }
  const Certificate::Info info = call.parts.certificate->info();
  const auto days = std::chrono::duration_cast<std::chrono::days>(info.not_after - call.now->made).count();
  const std::string sentence = info.self_made
                                   ? "Made by this node itself: compare the fingerprint with the one on its console."
                               : days < 30 ? "Ends in " + std::to_string(days) + " days: bring the next one."
                                           : "Brought by an operator.";
  out.begin_object().field("fingerprint_sha256", info.fingerprint).field("self_made", info.self_made);
  out.key("names").begin_array();
  for (const std::string& name : info.names) out.value(name);
  out.end_array().field("not_before", format_utc(info.not_before, 0));
  out.field("not_after", format_utc(info.not_after, 0)).field("sentence", sentence).end_object();
}

std::span<const Route> certificate_routes() { return kRoutes; }

}  // namespace sonde::web
