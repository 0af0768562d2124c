#pragma once

#include <map>
#include <set>
#include <utility>
#include <vector>

#include "core/catalog/snapshot/snapshot.hpp"

namespace understudy::schema {

/// A relation by schema and name.
using RelationName = std::pair<Bytes, Bytes>;

/// What a role needs for what a statement does with one relation.
struct PrivilegeUse {
    std::set<char> letters;   ///< of "arwdD" (PostgreSQL docs, "Privileges", table 5.1)
    std::set<Bytes> read;     ///< columns
    std::set<Bytes> written;  ///< columns
    bool all_columns = false;

    void add(const PrivilegeUse& other);
};

/// What a statement does with one relation, through views too.
struct RelationTouch {
    bool written = false;
    bool all_columns = false;         ///< by a star, a whole row, or an INSERT or COPY without a list
    std::set<Bytes> columns;          ///< named
    std::set<Bytes> written_columns;  ///< set, or listed by an INSERT; of those that are named
    bool inserted = false;            ///< columns that it does not list get their defaults
    /// By whose privileges: the session's user (empty), or the owner of a view that the statement reads it through.
    std::map<Bytes, PrivilegeUse> uses;
};

struct StatementTouches {
    bool parsed = false;
    std::map<RelationName, RelationTouch> relations;
    std::set<Bytes> functions;  ///< names without schema
};

/// Finds what statements touch in a schema: names by search_path, and what stands behind views.
class TouchFinder {
public:
    /// `snapshot` is borrowed, and stays as it is.
    explicit TouchFinder(const catalog::Snapshot& snapshot);

    [[nodiscard]] StatementTouches touches(BytesView sql, const std::vector<Bytes>& search_path) const;
    /// The schemas that a session without a search_path of its own looks in, by the snapshot's settings.
    [[nodiscard]] std::vector<Bytes> default_path(const Bytes& user) const;

private:
    [[nodiscard]] const RelationName* resolve(BytesView schema, BytesView name,
                                              const std::vector<Bytes>& search_path) const;
    [[nodiscard]] StatementTouches direct(BytesView sql, const std::vector<Bytes>& search_path) const;
    void look_behind_views(StatementTouches& touches) const;
    [[nodiscard]] Bytes reader_of(const RelationName& view, const Bytes& user) const;

    const catalog::Snapshot& snapshot_;
    std::map<Bytes, std::vector<RelationName>> by_name_;
    std::map<RelationName, std::set<Bytes>> columns_;
    std::map<RelationName, StatementTouches> views_;  // what their queries touch themselves
};

}  // namespace understudy::schema
