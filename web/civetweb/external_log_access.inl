/* CivetWeb without a file system logs through its callback. */
static void
log_access(const struct mg_connection *conn)
{
	if (conn->phys_ctx->callbacks.log_access) {
		conn->phys_ctx->callbacks.log_access(conn, "");
	}
}
