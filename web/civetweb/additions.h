#ifndef SONDE_CIVETWEB_ADDITIONS_H
#define SONDE_CIVETWEB_ADDITIONS_H

#include "civetweb.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What CivetWeb's interface lacks. All are for the thread that has the connection. */

/* The connection's socket, to be watched for the client's departure; not to be read or written. */
int sonde_mg_socket(const struct mg_connection* conn);
/* Nothing may follow the present response on this connection. */
void sonde_mg_close_after(struct mg_connection* conn);
/* Ends our direction, then throws away what the client still sends, at most `bytes` and for at most `ms`: closing with
 * unread data would reset the connection and could take the response with it. */
void sonde_mg_linger(struct mg_connection* conn, size_t bytes, int ms);
/* A socket that listens already: the next mg_start uses it where it is to listen at that very address. Before mg_start,
 * on the same thread; at most 8. */
void sonde_mg_offer(int listening);

#ifdef __cplusplus
}
#endif

#endif
