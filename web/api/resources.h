#pragma once

#include <span>

#include "web/api/router.h"

namespace sonde::web {

// One file each: the routes of a resource, for the router.
std::span<const Route> catalogue_routes();
std::span<const Route> certificate_routes();
std::span<const Route> check_routes();
std::span<const Route> event_routes();
std::span<const Route> health_routes();
std::span<const Route> limit_routes();
std::span<const Route> machine_routes();
std::span<const Route> node_routes();
std::span<const Route> path_routes();
std::span<const Route> pause_window_routes();
std::span<const Route> peer_routes();
std::span<const Route> result_routes();
std::span<const Route> run_routes();
std::span<const Route> series_routes();
std::span<const Route> session_routes();
std::span<const Route> settings_routes();
std::span<const Route> setup_routes();
std::span<const Route> setup_answer_routes();
std::span<const Route> stream_routes();
std::span<const Route> test_routes();
std::span<const Route> timeline_routes();
std::span<const Route> token_routes();
std::span<const Route> trace_routes();
std::span<const Route> user_routes();
std::span<const Route> backup_routes();

}  // namespace sonde::web
