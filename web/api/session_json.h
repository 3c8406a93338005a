#pragma once

#include "web/api/router.h"

namespace sonde::web {

void write_session(JsonWriter& out, const Call& call, const std::optional<Identity>& who);
/// Who is logged in now, with the cookie that proves it from now on.
HttpResponse session_reply(Call& call, const Sessions::Begun& begun, int status);

}  // namespace sonde::web
