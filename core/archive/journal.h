#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/error.h"

namespace sonde {

/// The database refused. Full = disk or limit; late = a reader used up its time.
class JournalError : public Error {
 public:
  enum class Kind : std::uint8_t { other, full, late, damaged };
  JournalError(const std::string& sentence, Kind kind) : Error(sentence), kind_(kind) {}
  Kind kind() const { return kind_; }

 private:
  Kind kind_;
};

/// One connection to the database file. The only door to SQLite. Used by one thread at a time.
class Journal {
 public:
  enum class Mode : std::uint8_t { write, read };
  /// `vfs` names the file layer, empty = the system's. A writer creates the file, sets WAL and FULL. Writers of one
  /// process share a gate: they then wait for each other's transactions without SQLite's naps.
  Journal(const std::string& path, Mode mode, const std::string& vfs = {}, std::mutex* gate = nullptr);
  ~Journal();
  Journal(Journal&&) noexcept;
  Journal& operator=(Journal&&) noexcept;

  /// A running query. Texts and bytes that it hands out are valid until the next next().
  class Rows {
   public:
    Rows(const Journal& journal, void* statement) : journal_(&journal), statement_(statement) {}
    Rows(Rows&& other) noexcept : journal_(other.journal_), statement_(other.statement_) { other.statement_ = nullptr; }
    Rows& operator=(Rows&&) = delete;
    ~Rows();
    bool next();
    std::int64_t number(int column) const;
    double real(int column) const;
    bool null(int column) const;
    std::string_view text(int column) const;
    std::span<const std::byte> bytes(int column) const;

   private:
    const Journal* journal_;
    void* statement_;
  };

  /// `sql` holds ? for each of `values` (numbers, reals, texts, bytes, nullopt). Statements are kept by their text.
  template <typename... Values>
  Rows query(std::string_view sql, const Values&... values) {
    void* statement = prepare(sql);
    Rows rows(*this, statement);
    int position = 0;
    (bind(statement, ++position, values), ...);
    return rows;
  }
  /// For statements without rows; returns how many rows they changed.
  template <typename... Values>
  std::int64_t run(std::string_view sql, const Values&... values) {
    query(sql, values...).next();
    return changes();
  }
  /// Several statements without values.
  void execute(const char* sql);

  /// Rolls back unless committed. Of a writer: waits for other writers at its begin.
  class Transaction {
   public:
    explicit Transaction(Journal& journal);
    ~Transaction();
    Transaction(const Transaction&) = delete;
    void commit();

   private:
    Journal* journal_;
    std::unique_lock<std::mutex> gate_;
  };

  /// Queries that begin or go on after this long from now end with JournalError late. Zero = no limit.
  void allow(std::chrono::milliseconds time);
  /// Moves the write-ahead log into the file as far as readers permit; never waits.
  void checkpoint();

 private:
  void* prepare(std::string_view sql);
  std::int64_t changes() const;
  void bind(void* statement, int position, std::int64_t value);
  void bind(void* statement, int position, double value);
  void bind(void* statement, int position, std::string_view value);
  void bind(void* statement, int position, std::span<const std::byte> value);
  void bind(void* statement, int position, std::nullopt_t);
  template <typename T>
  requires std::is_integral_v<T>
  void bind(void* statement, int position, T value) { bind(statement, position, static_cast<std::int64_t>(value)); }
  void bind(void* statement, int position, const Bytes& value) {
    bind(statement, position, std::span<const std::byte>(value));
  }
  void bind(void* statement, int position, const std::string& value) {
    bind(statement, position, std::string_view(value));
  }

  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sonde
