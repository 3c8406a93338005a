#include "core/archive/journal.h"

#include <sqlite3.h>

#include <unordered_map>

namespace sonde {
namespace {

using Steady = std::chrono::steady_clock;

JournalError::Kind kind_of(int code) {
  switch (code & 0xff) {
    case SQLITE_FULL:
      return JournalError::Kind::full;
    case SQLITE_INTERRUPT:
    case SQLITE_BUSY:
      return JournalError::Kind::late;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return JournalError::Kind::damaged;
    // A disk that has no room shows in several guises, depending on where the file layer met it.
    case SQLITE_IOERR:
      return code == SQLITE_IOERR_WRITE || code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_TRUNCATE ||
                     code == SQLITE_IOERR_SHMSIZE
                 ? JournalError::Kind::full
                 : JournalError::Kind::other;
    default:
      return JournalError::Kind::other;
  }
}

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};

sqlite3_stmt* as_statement(void* statement) { return static_cast<sqlite3_stmt*>(statement); }

}  // namespace

class Journal::Impl {
 public:
  ~Impl() {
    for (auto& [sql, statement] : statements) sqlite3_finalize(statement);
    sqlite3_close(database);
  }

  [[noreturn]] void fail(int code) const {
    if (kind_of(code) == JournalError::Kind::late)
      throw JournalError("The archive could not be read in time (" + path + "): try again, or a shorter range.",
                         JournalError::Kind::late);
    throw JournalError(
        "The archive's database answered: " + std::string(sqlite3_errmsg(database)) + " (" + path + ", " +
            std::to_string(sqlite3_extended_errcode(database)) + ").",
        kind_of(sqlite3_extended_errcode(database) != SQLITE_OK ? sqlite3_extended_errcode(database) : code));
  }
  void check(int code) const {
    if (code != SQLITE_OK) fail(code);
  }

  sqlite3* database = nullptr;
  std::string path;
  Mode mode = Mode::read;
  std::mutex* gate = nullptr;
  std::unordered_map<std::string, sqlite3_stmt*, TextHash, std::equal_to<>> statements;
  Steady::time_point deadline = Steady::time_point::max();
};

Journal::Journal(const std::string& path, Mode mode, const std::string& vfs, std::mutex* gate)
    : impl_(std::make_unique<Impl>()) {
  impl_->gate = gate;
  impl_->path = path;
  impl_->mode = mode;
  const int flags =
      SQLITE_OPEN_NOMUTEX | (mode == Mode::write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READWRITE);
  const int code = sqlite3_open_v2(path.c_str(), &impl_->database, flags, vfs.empty() ? nullptr : vfs.c_str());
  if (code != SQLITE_OK) impl_->fail(code);
  sqlite3_extended_result_codes(impl_->database, 1);
  sqlite3_busy_timeout(impl_->database, mode == Mode::write ? 60'000 : 5'000);
  if (mode == Mode::read) {
    execute("PRAGMA query_only = 1; PRAGMA cache_size = -2000");
    return;
  }
  execute(
      "PRAGMA auto_vacuum = INCREMENTAL;"
      "PRAGMA journal_mode = WAL;"
      "PRAGMA synchronous = FULL;"
      "PRAGMA wal_autocheckpoint = 4000;"
      "PRAGMA journal_size_limit = 67108864;"
      "PRAGMA temp_store = MEMORY;"
      "PRAGMA cache_size = -16000");
}

Journal::~Journal() = default;
Journal::Journal(Journal&&) noexcept = default;
Journal& Journal::operator=(Journal&&) noexcept = default;

void Journal::execute(const char* sql) { impl_->check(sqlite3_exec(impl_->database, sql, nullptr, nullptr, nullptr)); }

void* Journal::prepare(std::string_view sql) {
  if (const auto found = impl_->statements.find(sql); found != impl_->statements.end()) return found->second;
  sqlite3_stmt* statement = nullptr;
  impl_->check(sqlite3_prepare_v3(impl_->database, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                  &statement, nullptr));
  impl_->statements.emplace(sql, statement);
  return statement;
}

std::int64_t Journal::changes() const { return sqlite3_changes64(impl_->database); }

void Journal::bind(void* statement, int position, std::int64_t value) {
  impl_->check(sqlite3_bind_int64(as_statement(statement), position, value));
}
void Journal::bind(void* statement, int position, double value) {
  impl_->check(sqlite3_bind_double(as_statement(statement), position, value));
}
void Journal::bind(void* statement, int position, std::string_view value) {
  impl_->check(sqlite3_bind_text64(as_statement(statement), position, value.data() ? value.data() : "", value.size(),
                                   SQLITE_TRANSIENT, SQLITE_UTF8));
}
void Journal::bind(void* statement, int position, std::span<const std::byte> value) {
  impl_->check(value.empty() ? sqlite3_bind_zeroblob(as_statement(statement), position, 0)
                             : sqlite3_bind_blob64(as_statement(statement), position, value.data(), value.size(),
                                                   SQLITE_TRANSIENT));
}
void Journal::bind(void* statement, int position, std::nullopt_t) {
  impl_->check(sqlite3_bind_null(as_statement(statement), position));
}

Journal::Rows::~Rows() {
  if (statement_ != nullptr) sqlite3_reset(as_statement(statement_));
}

bool Journal::Rows::next() {
  const int code = sqlite3_step(as_statement(statement_));
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  journal_->impl_->fail(code);
}

std::int64_t Journal::Rows::number(int column) const { return sqlite3_column_int64(as_statement(statement_), column); }
double Journal::Rows::real(int column) const { return sqlite3_column_double(as_statement(statement_), column); }
bool Journal::Rows::null(int column) const {
  return sqlite3_column_type(as_statement(statement_), column) == SQLITE_NULL;
}
std::string_view Journal::Rows::text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(as_statement(statement_), column));
  return {text == nullptr ? "" : text,
          static_cast<std::size_t>(sqlite3_column_bytes(as_statement(statement_), column))};
}
std::span<const std::byte> Journal::Rows::bytes(int column) const {
  const auto* data = static_cast<const std::byte*>(sqlite3_column_blob(as_statement(statement_), column));
  return {data, data == nullptr ? 0 : static_cast<std::size_t>(sqlite3_column_bytes(as_statement(statement_), column))};
}

/// A writer takes the lock at once: one that read first could not wait for another writer any more.
Journal::Transaction::Transaction(Journal& journal) : journal_(&journal) {
  if (journal.impl_->gate != nullptr) gate_ = std::unique_lock(*journal.impl_->gate);
  journal.run(journal.impl_->mode == Mode::write ? "BEGIN IMMEDIATE" : "BEGIN");
}

Journal::Transaction::~Transaction() {
  // SQLite may have rolled back by itself (disk full); then there is nothing left to undo.
  if (journal_ != nullptr && sqlite3_get_autocommit(journal_->impl_->database) == 0)
    sqlite3_exec(journal_->impl_->database, "ROLLBACK", nullptr, nullptr, nullptr);
}

void Journal::Transaction::commit() {
  journal_->run("COMMIT");
  journal_ = nullptr;
  if (gate_) gate_.unlock();
}

void Journal::allow(std::chrono::milliseconds time) {
  if (time.count() == 0) return sqlite3_progress_handler(impl_->database, 0, nullptr, nullptr);
  impl_->deadline = Steady::now() + time;
  sqlite3_progress_handler(
      impl_->database, 1000, [](void* impl) { return Steady::now() > static_cast<Impl*>(impl)->deadline ? 1 : 0; },
      impl_.get());
}

void Journal::checkpoint() {
  sqlite3_wal_checkpoint_v2(impl_->database, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
}

}  // namespace sonde
