#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "capture/redact/copy_rewriter.hpp"
#include "capture/redact/redaction.hpp"

namespace understudy::capture {

/// What redaction remembers of a statement, for its parameters and its answer.
struct StatementPlan {
    std::vector<bool> parameters;  ///< $1 first: hide it
    std::vector<std::uint32_t> parameter_types;
    bool unparsed = false;                        ///< nothing is known: everything is to be hidden
    std::vector<std::pair<Bytes, bool>> outputs;  ///< by name, as far as the statement says; an empty name: any other
    bool all_outputs = false;                     ///< a `*` has more columns than `outputs`
    std::optional<CopyPlan> copy;

    [[nodiscard]] bool hides_parameter(std::size_t index) const {
        return unparsed || (index < parameters.size() && parameters[index]);
    }
};
using PlanPointer = std::shared_ptr<const StatementPlan>;

/// The statements and cursors that a session's SQL has named (PREPARE, DECLARE).
struct SqlNames {
    static constexpr std::size_t kMaxNames = 100'000;
    std::unordered_map<Bytes, PlanPointer> prepared;
    std::unordered_map<Bytes, PlanPointer> cursors;
};

struct RewrittenSql {
    Bytes sql;
    std::vector<PlanPointer> plans;  ///< of its statements that concern redaction
};

/// Replaces the literals in `sql` that are compared with or stored into hidden columns. What cannot be parsed and
/// concerns a rule loses all literals. `explicit_escapes`: the session has standard_conforming_strings off.
RewrittenSql rewrite_sql(BytesView sql, bool explicit_escapes, const Redaction& redaction, SqlNames& names);

}  // namespace understudy::capture
