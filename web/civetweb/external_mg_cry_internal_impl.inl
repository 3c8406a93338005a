/* CivetWeb without a file system complains through its callback. */
static void
mg_cry_internal_impl(const struct mg_connection *conn, const char *func, unsigned line, const char *fmt, va_list ap)
{
	char text[MG_BUF_LEN];
	int cut;
	mg_vsnprintf(conn, &cut, text, sizeof(text), fmt, ap);
	if (conn && conn->phys_ctx && conn->phys_ctx->callbacks.log_message) {
		conn->phys_ctx->callbacks.log_message(conn, text);
	}
	(void)func, (void)line;
}
