#include "civetweb.c" /* the patched one: the additions need its types */

#include "additions.h"

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
