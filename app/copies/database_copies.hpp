#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/time.hpp"

namespace understudy::app {

enum class CopyKind {
    template_copy,  ///< CREATE DATABASE … TEMPLATE: schema and data; needs the source to itself for a moment
    schema_only,    ///< pg_dump --schema-only | psql: empty tables; the source may be in use
};

struct CopyOptions {
    // What is known of production, as catalog::judge_target() takes it.
    std::uint64_t recorded_system_identifier = 0;
    std::optional<std::uint64_t> production_id;
    bool production_id_none = false;
    bool close_connections = false;  ///< end others' connections to the source where a template copy needs it
    std::string postgres_bin;        ///< where pg_dump and psql are; empty: looked for
    /// Asked several times a second while something takes long: true ends it with an error, and copies are dropped as
    /// usual.
    std::function<bool()> stop = [] { return false; };
};

/// A scratch database.
struct DatabaseCopy {
    std::string name;
    std::string conninfo;  ///< to it; like the source's in everything else
    CopyKind kind = CopyKind::template_copy;
    Duration duration;                ///< that making it took
    std::vector<std::string> losses;  ///< what the role may not carry over, one line each
};

/// Makes scratch databases beside a target database, and drops them: each when told, the rest in the destructor. What
/// CREATE DATABASE … TEMPLATE leaves behind is carried over: the target's marker, settings of the database and of roles
/// in it, owner, privileges, connection limit, comment. Each copy says in its comment that it is one
/// (app/copies/copy_tag.hpp), and an advisory lock says that its maker lives, so that `understudy clean` drops what a
/// killed run left and nothing else.
///
///     UNDERSTUDY_TRY(auto copies, DatabaseCopies::open(target, options));
///     UNDERSTUDY_TRY(const DatabaseCopy scratch, copies.create("check", CopyKind::schema_only));
///
/// Ctrl-C: call watch_for_stop() and hand in stop_requested. One thread at a time.
class DatabaseCopies {
public:
    /// Connects to the server's database postgres or template1, as the source must be free to be copied, and asks the
    /// source whether it may be written to: nothing is ever made beside a database that is not marked as a target.
    /// Errors: Errc::refused from the interlock, Errc::usage, Errc::io.
    static Result<DatabaseCopies> open(const std::string& conninfo, CopyOptions options);

    DatabaseCopies(DatabaseCopies&&) noexcept;
    DatabaseCopies& operator=(DatabaseCopies&&) noexcept;
    ~DatabaseCopies();  ///< drops what is left, and says on standard error what it could not drop

    /// Makes a copy. `purpose`: 1 to 16 letters a to z, part of the name. Errors: Errc::refused when others use the
    /// source, with who they are and what to do; Errc::io with the server's or pg_dump's words. Nothing is left behind
    /// then.
    Result<DatabaseCopy> create(const std::string& purpose, CopyKind kind);
    /// Drops a copy made here, whoever is connected to it, prepared transactions and replication slots included.
    /// Errors: Errc::usage for a name that was not made here; Errc::io.
    Result<void> drop(const std::string& name);
    /// Drops a copy and makes it again from the source under its old name.
    Result<DatabaseCopy> reset(const std::string& name);

    /// server_version_num, 150006.
    [[nodiscard]] int server_version_num() const;
    /// The name of the source database.
    [[nodiscard]] const std::string& source() const;

private:
    class Impl;
    explicit DatabaseCopies(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace understudy::app
