#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "schema/check/description.hpp"

namespace understudy::schema {

/// One way in which two servers' descriptions of a statement differ; named as in a comparison of two
/// captures.
enum class DifferenceKind : std::uint8_t {
    error_appeared,
    error_disappeared,
    error_changed,  ///< another SQLSTATE
    parameter_types,
    column_added,
    column_removed,
    column_renamed,  ///< same place and type, other name
    column_retyped,
    column_order,
    type_modifier,  ///< of a column's type: for information, no finding
};
std::string_view to_string(DifferenceKind kind);

/// How bad a difference is for an application that knows the old schema.
enum class Severity : std::uint8_t {
    breaks,       ///< the statement fails, or a column that was read is not there
    risky,        ///< depends on the application: other types or order, more columns, an error that is gone
    information,  ///< not a finding
};
Severity severity_of(DifferenceKind kind);
std::string_view to_string(Severity severity);

struct Difference {
    DifferenceKind kind = DifferenceKind::error_appeared;
    Bytes place;     ///< column name, or "$2"; empty for errors
    Bytes baseline;  ///< what each side has there: a type, a name, "ERROR 42703: …"
    Bytes candidate;
    friend bool operator==(const Difference&, const Difference&) = default;
};

/// What one side says, with the names of that side's types.
struct Side {
    const Description& description;
    const TypeNames& types;
};

/// All differences. Columns belong together by name (the k-th of a name with the k-th); those left over, when
/// they stand at the same place with the same type, as renamed. Types are compared by name, since OIDs differ
/// between identical databases. When a side refuses, nothing but the errors is judged.
std::vector<Difference> differences(const Side& baseline, const Side& candidate);

}  // namespace understudy::schema
