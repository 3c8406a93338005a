#include "core/backup/backups.h"

#include <vector>

#include "web/api/api.h"
#include "web/api/fields.h"
#include "web/api/reply.h"
#include "web/api/resources.h"

namespace sonde::web {
namespace {

constexpr std::uint64_t kMostBackup = 1ULL << 40;
constexpr int kRefused = 422;

HttpResponse none() { return problem(404, "", "This node makes no backups."); }

/// What Backups throws, as an answer: `broken` is the status of what could not be done.
template <typename Act>
HttpResponse guarded(int broken, const Act& act) {
  try {
    return act();
  } catch (const BackupBusy& busy) {
    return problem(409, "", busy.what());
  } catch (const Error& error) {
    return problem(broken, "", error.what() + std::string(broken == kRefused ? " Nothing was changed." : ""));
  } catch (const std::filesystem::filesystem_error& error) {
    return problem(503, "", std::string("The disk refused: ") + error.what() + ".");
  }
}

HttpResponse get_backup(Call& call) {
  if (!call.parts.backups) return none();
  HttpResponse response{.content_type = "application/gzip"};
  if (call.request.method == "HEAD") return response;
  return guarded(503, [&] {
    const auto copy = call.parts.backups->make_copy();
    response.headers.emplace_back("Content-Disposition", "attachment; filename=\"" + copy->file_name() + "\"");
    response.produce = [copy](const HttpResponse::Sink& sink) { copy->send(sink); };
    return response;
  });
}

HttpResponse get_state(Call& call) {
  if (!call.parts.backups) return none();
  static constexpr std::string_view kWords[] = {"nothing", "copying", "sending", "receiving", "restarting"};
  const Backups::State state = call.parts.backups->state();
  JsonWriter out;
  out.begin_object().field("doing", kWords[static_cast<int>(state.doing)]);
  out.field("done_bytes", state.done_octets).field("total_bytes", state.total_octets);
  out.field("next_bytes", state.next_octets).key("before");
  if (state.before)
    out.begin_object()
        .field("replaced", format_utc(state.before->replaced))
        .field("bytes", state.before->octets)
        .end_object();
  else
    out.null();
  out.end_object();
  return json_reply(std::move(out));
}

/// The users of this node stay, and somebody must be able to log in afterwards.
std::optional<HttpResponse> check_restore(Call& call) {
  if (!call.parts.backups) return none();
  if (call.access().users().empty())
    return problem(409, "", "A backup holds no users: set this node up first, then restore.");
  return std::nullopt;
}

HttpResponse put_restore(Call& call, BodyReader& body) {
  if (auto refused = check_restore(call)) return *refused;
  const auto as = call.request.query.find("as");
  if (as == call.request.query.end() || (as->second != "same" && as->second != "copy"))
    return problem(422, "as", "as: allowed is same (this node goes on as the one that was backed up) or copy.");
  HttpResponse response = guarded(kRefused, [&] {
    const Restored restored =
        call.parts.backups->restore([&](std::span<char> out) { return body.read(out); }, as->second == "same");
    JsonWriter out;
    out.begin_object().field("made", format_utc(restored.description.made));
    out.field("node_name", restored.description.node_name).field("node_id", restored.node_id);
    out.field("tests", restored.tests).field("bytes", restored.description.octets);
    out.field("sentence", "Everything in the backup is whole. The node starts anew with it now.").end_object();
    return json_reply(std::move(out), 202);
  });
  // What follows a good backup is padding.
  drop_rest(body);
  return response;
}

HttpResponse undo(Call& call) {
  if (!call.parts.backups) return none();
  return guarded(409, [&] {
    call.parts.backups->undo();
    JsonWriter out;
    out.begin_object().field("sentence", "The node starts anew with what was before the restore.").end_object();
    return json_reply(std::move(out), 202);
  });
}

HttpResponse forget(Call& call) {
  if (!call.parts.backups) return none();
  return guarded(503, [&] {
    return call.parts.backups->forget_before() ? no_content()
                                               : problem(404, "", "Nothing is kept from before a restore.");
  });
}

constexpr Route kRoutes[] = {
    {"GET", "/backup", Needs::administrator, get_backup},
    {"GET", "/backup/state", Needs::administrator, get_state},
    {"PUT", "/backup/restore", Needs::administrator, nullptr, Route::Body::upload, put_restore, kMostBackup},
    {"POST", "/backup/undo", Needs::administrator, undo},
    {"DELETE", "/backup/before", Needs::administrator, forget},
};

}  // namespace

std::span<const Route> backup_routes() { return kRoutes; }

}  // namespace sonde::web
