#pragma once

#include <optional>

#include "core/sql/plpgsql_body.hpp"
#include "core/sql/typed_variables.hpp"
#include "schema/check/bodies/routine.hpp"

namespace understudy::schema {

/// What the variables of one body are, as SQL that has the type and needs no variable: `(null::integer)` for an integer,
/// `((null::orders).total)` for orders.total%TYPE, `((null::public.orders)."note")` for NEW.note. The server itself says
/// what these are, so each of two schemas gives its own types.
class VariableTypes {
public:
    /// `table`: of the trigger. Borrows all but the table.
    VariableTypes(const sql::PlpgsqlBody& body, const Routine& routine, std::optional<QualifiedName> table)
        : body_(body), routine_(routine), table_(std::move(table)) {}

    /// For with_typed_variables().
    [[nodiscard]] std::optional<sql::Stand> stand_for(const sql::NameReference& reference) const;
    [[nodiscard]] std::optional<Bytes> parameter(std::uint32_t number) const;

private:
    static constexpr int kMaxDepth = 4;  ///< of types that are other variables' types, records that are made of records

    [[nodiscard]] std::optional<sql::Stand> stand(const sql::NameReference& reference, int depth) const;
    [[nodiscard]] bool is_variable(const Bytes& name) const;
    [[nodiscard]] Bytes type_of(const Bytes& name) const;
    [[nodiscard]] Bytes value_of_type(const Bytes& type, int depth) const;
    [[nodiscard]] Bytes field_of_query(const Bytes& name, const Bytes& field, int depth) const;

    const sql::PlpgsqlBody& body_;
    const Routine& routine_;
    std::optional<QualifiedName> table_;
};

}  // namespace understudy::schema
