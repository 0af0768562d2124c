#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "core/sql/plpgsql_body.hpp"
#include "schema/check/accesses.hpp"
#include "schema/check/bodies/routine.hpp"

namespace understudy::schema {

/// A routine that a statement runs, and by what: itself, or a trigger on a relation that it writes to.
struct Reached {
    std::size_t routine = 0;  ///< into Routines::all
    std::optional<QualifiedName> table;  ///< of the trigger
    Bytes trigger;
    bool sure = true;  ///< false: a call that may mean another routine of the name instead
    friend auto operator<=>(const Reached&, const Reached&) = default;
};

/// Follows calls and triggers from statements to the routines that they run, through the bodies of these. Of several
/// routines of a name all count that take as many arguments.
class RoutineReach {
public:
    /// Borrows both.
    RoutineReach(const Routines& routines, const SchemaFacts& schema);

    /// All that a statement with these accesses reaches under a search_path; in order.
    [[nodiscard]] std::vector<Reached> from(const Accesses& accesses, const std::vector<Bytes>& path) const;

    /// The body of one of them, if its language is plpgsql and it can be read.
    [[nodiscard]] const std::optional<sql::PlpgsqlBody>& body(std::size_t routine) const { return bodies_[routine]; }

private:
    using Found = std::function<void(Reached)>;
    void direct(const sql::StatementAccess& access, const std::vector<Bytes>& path, bool counted, const Found& found) const;
    void of_relation(const QualifiedName& name, const sql::RelationAccess& access, const Found& found) const;
    [[nodiscard]] std::optional<QualifiedName> resolve(const sql::RelationAccess& access,
                                                       const std::vector<Bytes>& path) const;

    const Routines& routines_;
    const SchemaFacts& schema_;
    std::vector<std::optional<sql::PlpgsqlBody>> bodies_;
    std::vector<Accesses> accesses_;  ///< of the bodies' statements
};

}  // namespace understudy::schema
