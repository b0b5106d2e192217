#pragma once

/// @file
/// A thin wrapper of SQLite: prepared statements are kept, handles are freed, and a failure is a
/// StorageError that names the file. Only this folder includes sqlite3.h.

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <sqlite3.h>

#include "periodic/clock.hpp"
#include "periodic/error.hpp"

namespace periodic::sqlite {

class Database;

/// A prepared statement, lent by its Database: destroying it gives it back, reset. Parameters are
/// bound from ?1 on, in the order of the arguments; columns are read from 0 on.
///
///     auto jobs = database.query("SELECT id, task FROM job WHERE state = ?1", 1);
///     while (jobs.step()) use(jobs.integer(0), jobs.text(1));
class Statement {
public:
    /// `lent` says that a kept statement is in use; null for one that is not kept.
    Statement(Database& database, sqlite3_stmt* statement, bool* lent) noexcept
        : database_(&database), statement_(statement), lent_(lent) {}
    Statement(Statement&& other) noexcept
        : database_(other.database_),
          statement_(std::exchange(other.statement_, nullptr)),
          lent_(other.lent_) {}
    Statement& operator=(Statement&&) = delete;
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;
    ~Statement();

    void bind(int index, std::int64_t value);
    void bind(int index, int value) { bind(index, std::int64_t{value}); }
    void bind(int index, bool value) { bind(index, std::int64_t{value}); }
    void bind(int index, std::string_view text);
    void bind(int index, const std::string& text) { bind(index, std::string_view(text)); }
    void bind(int index, const char* text) { bind(index, std::string_view(text)); }
    void bind(int index, std::nullopt_t nothing);
    /// Milliseconds since the epoch.
    void bind(int index, Time time) { bind(index, std::int64_t{time.time_since_epoch().count()}); }
    /// Seconds since the epoch.
    void bind(int index, std::chrono::sys_seconds time) {
        bind(index, std::int64_t{time.time_since_epoch().count()});
    }
    template <class T>
    void bind(int index, const std::optional<T>& value) {
        value ? bind(index, *value) : bind(index, std::nullopt);
    }

    /// The same without a copy of texts: they stay as they are until the statement is given back.
    template <class T>
    void lend(int index, const T& value) {
        if constexpr (std::is_convertible_v<const T&, std::string_view>) {
            lend_text(index, value);
        } else {
            bind(index, value);
        }
    }
    template <class T>
    void lend(int index, const std::optional<T>& value) {
        value ? lend(index, *value) : bind(index, std::nullopt);
    }

    /// Makes it ready for other parameters, of which it keeps those that are not bound anew.
    void reset() noexcept { sqlite3_reset(statement_); }

    /// Moves to the next row; false at the end. Throws StorageError.
    bool step();

    [[nodiscard]] bool is_null(int column) const noexcept;
    [[nodiscard]] std::int64_t integer(int column) const noexcept;
    [[nodiscard]] std::string text(int column) const;
    [[nodiscard]] Time time(int column) const noexcept {
        return Time(std::chrono::milliseconds(integer(column)));
    }
    [[nodiscard]] std::chrono::sys_seconds seconds(int column) const noexcept {
        return std::chrono::sys_seconds(std::chrono::seconds(integer(column)));
    }

private:
    void lend_text(int index, std::string_view text);
    void bind_text(int index, std::string_view text, sqlite3_destructor_type keep);

    Database* database_;
    sqlite3_stmt* statement_;
    bool* lent_;
};

/// One connection. Not for two threads at once.
class Database {
public:
    /// Opens an existing file, which may be empty. Throws StorageError.
    Database(std::string path, std::chrono::milliseconds busy_timeout);
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;
    ~Database();

    [[nodiscard]] const std::string& path() const noexcept { return path_; }

    /// A statement whose text is a literal: it is prepared once and kept.
    template <class... Arguments>
    [[nodiscard]] Statement query(const char* literal, const Arguments&... arguments) {
        Statement statement = cached(literal);
        int index = 0;
        (statement.bind(++index, arguments), ...);
        return statement;
    }

    /// Carries out a literal statement without rows and answers how many rows it changed.
    template <class... Arguments>
    std::int64_t run(const char* literal, const Arguments&... arguments) {
        Statement statement = cached(literal);
        int index = 0;
        (statement.lend(++index, arguments), ...);
        statement.step();
        return changes();
    }

    /// A statement whose text was composed: it is not kept.
    [[nodiscard]] Statement prepare(const std::string& sql);

    /// Carries out a script of statements, dropping their rows.
    void execute(const std::string& script);

    /// The first column of a script's only row; 0 without a row.
    [[nodiscard]] std::int64_t integer(const std::string& sql);

    [[nodiscard]] std::int64_t changes() const noexcept { return sqlite3_changes64(handle_.get()); }
    /// How many rows this connection has ever changed.
    [[nodiscard]] std::int64_t total_changes() const noexcept {
        return sqlite3_total_changes64(handle_.get());
    }
    [[nodiscard]] std::int64_t last_id() const noexcept {
        return sqlite3_last_insert_rowid(handle_.get());
    }

    /// Leaves what is in the write-ahead log there when the last connection closes.
    void leave_log() noexcept;

    /// From now on `told` hears after each commit how many pages the write-ahead log has, and is
    /// who copies it into the database. Called while the connection is in use.
    void watch_log(std::function<void(int pages)> told);

    /// Copies what is in the write-ahead log into the database, without waiting for anybody.
    /// Answers how many pages are left that somebody may still need there; nullopt: another
    /// connection is at it. Throws StorageError.
    [[nodiscard]] std::optional<int> checkpoint();

    /// Whether the file that was opened is no longer the one at the path: deleted or replaced.
    [[nodiscard]] bool has_moved() const noexcept;

    /// Whether a transaction is open.
    [[nodiscard]] bool in_transaction() const noexcept {
        return sqlite3_get_autocommit(handle_.get()) == 0;
    }

    /// Throws what the last failed call means: StorageError, or std::bad_alloc.
    [[noreturn]] void fail(std::string_view doing) const;

private:
    struct Close {
        void operator()(sqlite3* handle) const noexcept { sqlite3_close_v2(handle); }
    };
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
    };

    [[nodiscard]] Statement cached(const char* literal);
    [[nodiscard]] sqlite3_stmt* compile(std::string_view sql, unsigned flags);

    std::string path_;
    std::function<void(int)> log_told_{};
    std::unique_ptr<sqlite3, Close> handle_{};
    struct Kept {
        std::unique_ptr<sqlite3_stmt, Finalize> statement{};
        bool lent = false;
    };
    /// By the literal's address: what two literals of one text cost is one more statement.
    std::map<const char*, Kept> statements_{};
};

/// A write transaction; rolled back unless committed.
class Transaction {
public:
    /// Takes the write lock at once, so that what is read stays true until the commit.
    explicit Transaction(Database& database);
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    ~Transaction();

    /// Durable when it returns. Throws StorageError; nothing has happened then.
    void commit();

private:
    Database& database_;
};

}  // namespace periodic::sqlite
