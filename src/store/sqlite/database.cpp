#include "store/sqlite/database.hpp"

#include <new>
#include <utility>

namespace periodic::sqlite {
namespace {

StorageError::Kind kind_of(int code) noexcept {
    switch (code & 0xFF) {
        case SQLITE_FULL:
        case SQLITE_IOERR:
            return StorageError::Kind::Full;
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_PROTOCOL:
            return StorageError::Kind::Busy;
        case SQLITE_NOTADB:
        case SQLITE_CORRUPT:
            return StorageError::Kind::Corrupt;
        default:
            return StorageError::Kind::Other;
    }
}

std::string_view advice(int code) noexcept {
    switch (code & 0xFF) {
        case SQLITE_FULL:
        case SQLITE_IOERR:
            return "; free space on its disk, or look into the system's log for disk errors";
        case SQLITE_BUSY:
            return "; another process holds it for too long";
        case SQLITE_NOTADB:
        case SQLITE_CORRUPT:
            return "; it is damaged or not a database: put it aside and restore a backup";
        case SQLITE_READONLY:
        case SQLITE_CANTOPEN:
        case SQLITE_PERM:
            return "; see who owns it and its directory";
        default:
            return "";
    }
}

// SQLite counts the memory that it takes, which nobody asks for and is a tenth of all that it does.
// Only who uses it first in a process can forbid that: where the host was first, it counts on.
void count_no_memory() noexcept {
    [[maybe_unused]] static const int said = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

}  // namespace

Statement::~Statement() {
    if (statement_ == nullptr) return;
    if (lent_ == nullptr) {
        sqlite3_finalize(statement_);
        return;
    }
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
    *lent_ = false;
}

void Statement::bind(int index, std::int64_t value) {
    if (sqlite3_bind_int64(statement_, index, value) != SQLITE_OK) database_->fail("bind");
}

void Statement::bind(int index, std::string_view text) {
    bind_text(index, text, SQLITE_TRANSIENT);
}

void Statement::lend_text(int index, std::string_view text) {
    bind_text(index, text, SQLITE_STATIC);
}

void Statement::bind_text(int index, std::string_view text, sqlite3_destructor_type keep) {
    // An empty view may have no data, which SQLite would take for null.
    const char* data = text.empty() ? "" : text.data();
    if (sqlite3_bind_text64(statement_, index, data, text.size(), keep, SQLITE_UTF8) != SQLITE_OK) {
        database_->fail("bind");
    }
}

void Statement::bind(int index, std::nullopt_t) {
    if (sqlite3_bind_null(statement_, index) != SQLITE_OK) database_->fail("bind");
}

bool Statement::step() {
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code != SQLITE_DONE) database_->fail(sqlite3_sql(statement_));
    return false;
}

bool Statement::is_null(int column) const noexcept {
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::int64_t Statement::integer(int column) const noexcept {
    return sqlite3_column_int64(statement_, column);
}

std::string Statement::text(int column) const {
    const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_, column));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
    return data == nullptr ? std::string() : std::string(data, size);
}

Database::Database(std::string path, std::chrono::milliseconds busy_timeout)
    : path_(std::move(path)) {
    count_no_memory();
    sqlite3* handle = nullptr;
    const int code = sqlite3_open_v2(path_.c_str(), &handle,
                                     SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
    handle_.reset(handle);
    if (handle == nullptr) throw std::bad_alloc();
    if (code != SQLITE_OK) fail("open");
    sqlite3_extended_result_codes(handle, 1);
    sqlite3_busy_timeout(handle, static_cast<int>(busy_timeout.count()));
}

Database::~Database() = default;

sqlite3_stmt* Database::compile(std::string_view sql, unsigned flags) {
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                                        flags, &statement, nullptr);
    if (code != SQLITE_OK) fail(sql);
    return statement;
}

Statement Database::cached(const char* literal) {
    Kept& kept = statements_[literal];
    if (kept.lent) return {*this, compile(literal, 0), nullptr};  // in use further up
    if (!kept.statement) kept.statement.reset(compile(literal, SQLITE_PREPARE_PERSISTENT));
    kept.lent = true;
    return {*this, kept.statement.get(), &kept.lent};
}

Statement Database::prepare(const std::string& sql) {
    return {*this, compile(sql, 0), nullptr};
}

void Database::execute(const std::string& script) {
    if (sqlite3_exec(handle_.get(), script.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
        fail(script);
    }
}

std::int64_t Database::integer(const std::string& sql) {
    Statement statement = prepare(sql);
    return statement.step() ? statement.integer(0) : 0;
}

void Database::leave_log() noexcept {
    sqlite3_db_config(handle_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
}

void Database::watch_log(std::function<void(int)> told) {
    log_told_ = std::move(told);
    const auto hear = [](void* self, sqlite3*, const char*, int pages) {
        static_cast<Database*>(self)->log_told_(pages);
        return SQLITE_OK;
    };
    sqlite3_wal_hook(handle_.get(), hear, this);
}

std::optional<int> Database::checkpoint() {
    int all = 0;
    int copied = 0;
    const int code =
        sqlite3_wal_checkpoint_v2(handle_.get(), nullptr, SQLITE_CHECKPOINT_PASSIVE, &all, &copied);
    if ((code & 0xFF) == SQLITE_BUSY || (code & 0xFF) == SQLITE_LOCKED) return std::nullopt;
    if (code != SQLITE_OK) fail("checkpoint");
    return all - copied;
}

bool Database::has_moved() const noexcept {
    int moved = 0;
    sqlite3_file_control(handle_.get(), "main", SQLITE_FCNTL_HAS_MOVED, &moved);
    return moved != 0;
}

void Database::fail(std::string_view doing) const {
    const int code = sqlite3_extended_errcode(handle_.get());
    if (code == SQLITE_NOMEM) throw std::bad_alloc();
    std::string message = "the store " + path_ + ": " + sqlite3_errmsg(handle_.get());
    if ((code & 0xFF) == SQLITE_IOERR || (code & 0xFF) == SQLITE_CANTOPEN) {
        if (const int reason = sqlite3_system_errno(handle_.get()); reason != 0) {
            message += " (" + std::generic_category().message(reason) + ')';
        }
    }
    message += advice(code);
    // What was being done helps where the mistake is ours.
    if (kind_of(code) == StorageError::Kind::Other && advice(code).empty())
        message += " [" + std::string(doing.substr(0, 80)) + ']';
    throw StorageError(kind_of(code), message);
}

Transaction::Transaction(Database& database) : database_(database) {
    database_.query("BEGIN IMMEDIATE").step();
}

Transaction::~Transaction() {
    if (!database_.in_transaction()) return;  // committed, or SQLite rolled it back itself
    try {
        database_.query("ROLLBACK").step();
    } catch (const std::exception&) {
        // The failure that brought us here is on its way already; SQLite rolls back when it
        // closes.
    }
}

void Transaction::commit() {
    database_.query("COMMIT").step();
}

}  // namespace periodic::sqlite
