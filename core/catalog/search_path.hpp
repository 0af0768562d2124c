#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "core/base/bytes.hpp"

namespace understudy::catalog {

/// The search_path that a session has chosen itself, followed through its start-up parameters and its
/// statements: SET [LOCAL] search_path, SET SCHEMA, RESET, DISCARD ALL, set_config('search_path', …) with
/// constants, and the end of a transaction. What functions do, and savepoints, are not followed. Values are
/// as the server stores the setting
/// (`a, "B"`); nothing: the server's default for the role and database.
class SearchPath {
public:
    SearchPath() = default;
    /// Of a session with these start-up parameters: search_path, or options with -c search_path=….
    explicit SearchPath(const std::vector<std::pair<Bytes, Bytes>>& startup);

    /// Takes note of one statement that the session ran.
    void on_statement(BytesView sql);
    [[nodiscard]] const std::optional<Bytes>& in_force() const { return local_ ? *local_ : path_; }

    /// False for statements that on_statement() ignores: a fast test.
    static bool may_change(BytesView sql);

private:
    using Path = std::optional<Bytes>;
    void end_transaction(bool keep);
    void assign(Path path, bool local);

    Path startup_;
    Path path_;
    std::optional<Path> local_;         // SET LOCAL, until the transaction ends
    std::optional<Path> before_begin_;  // what a ROLLBACK brings back; nothing outside transactions
};

/// `path` with "$user" replaced by a role's name: for checking as another role than the recorded one.
Bytes with_user(BytesView path, BytesView user);

/// The schemas of a path, "$user" as that role's own, as names are compared: folded unless quoted.
std::vector<Bytes> schemas_of(BytesView path, BytesView user);

}  // namespace understudy::catalog
