#include "civetweb.c" /* the patched one: the additions need its types */

#include "additions.h"

static int offered[8];
static int offered_count;

void
sonde_mg_offer(int listening)
{
	if (offered_count < (int)(sizeof(offered) / sizeof(offered[0]))) {
		offered[offered_count++] = listening;
	}
}

static SOCKET
sonde_mg_take_offered(const struct sockaddr *wanted)
{
	const union usa *want = (const union usa *)wanted;
	int i;
	for (i = 0; i < offered_count; i++) {
		union usa has;
		socklen_t len = sizeof(has);
		int same = 0;
		if (getsockname(offered[i], &has.sa, &len) == 0 && has.sa.sa_family == want->sa.sa_family) {
			if (has.sa.sa_family == AF_INET) {
				same = has.sin.sin_port == want->sin.sin_port
				       && has.sin.sin_addr.s_addr == want->sin.sin_addr.s_addr;
			} else if (has.sa.sa_family == AF_INET6) {
				same = has.sin6.sin6_port == want->sin6.sin6_port
				       && memcmp(&has.sin6.sin6_addr, &want->sin6.sin6_addr, 16) == 0;
			}
		}
		if (same) {
			const SOCKET taken = offered[i];
			offered[i] = offered[--offered_count];
			return taken;
		}
	}
	return INVALID_SOCKET;
}

int
sonde_mg_socket(const struct mg_connection *conn)
{
	return conn->client.sock;
}

void
sonde_mg_close_after(struct mg_connection *conn)
{
	conn->must_close = 1;
}

void
sonde_mg_linger(struct mg_connection *conn, size_t bytes, int ms)
{
	char dropped[16384];
	const uint64_t end = mg_get_current_time_ns() + (uint64_t)ms * 1000000u;
	conn->must_close = 1;
	if (conn->ssl) {
		SSL_shutdown(conn->ssl);
	}
	shutdown(conn->client.sock, SHUT_WR);
	for (;;) {
		struct mg_pollfd waiting = {conn->client.sock, POLLIN, 0};
		const uint64_t now = mg_get_current_time_ns();
		ssize_t n;
		if (now >= end
		    || mg_poll(&waiting, 1, (int)((end - now) / 1000000u), &conn->phys_ctx->stop_flag) <= 0) {
			return;
		}
		n = recv(conn->client.sock, dropped, sizeof(dropped), 0);
		if (n <= 0 || (size_t)n > bytes) {
			return;
		}
		bytes -= (size_t)n;
	}
}
