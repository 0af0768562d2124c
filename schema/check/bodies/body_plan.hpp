#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "schema/check/bodies/reach.hpp"
#include "schema/check/check_plan.hpp"
#include "schema/check/describe_run.hpp"

namespace understudy::schema {

/// One question about a body: a statement of it with values of its variables' types in place of the variables, or
/// what the language's validator says of the whole.
struct BodyQuestion {
    Reached reached;
    bool whole = false;        ///< the validator
    Bytes sql;                 ///< as written, variables by name
    std::uint32_t line = 0;    ///< of the body
    bool conditional = false;  ///< PlpgsqlStatement
    std::set<Bytes> variables;  ///< that it names without a table
    Bytes place;  ///< "line 3 of owed()": for the reader
};

/// All that is asked about bodies, beside the recorded statements: asked as a plan of its own.
struct BodyPlan {
    RecordedStatements statements;  ///< those of the questions, in their order
    CheckPlan plan;
    std::vector<BodyQuestion> questions;
    /// Questions, and whether the statement surely runs what they are about (Reached::sure).
    using Questions = std::map<std::size_t, bool>;
    std::map<std::size_t, Questions> of_items;   ///< by item of the recorded plan
    std::map<std::size_t, Questions> of_blocks;  ///< by recorded DO statement
    Questions unreached;                         ///< about what no recorded statement runs
    std::set<std::size_t> whole_blocks;  ///< DO statements all of whose SQL is asked about
    std::uint64_t routines = 0;          ///< that recorded statements reach
    Reasons skipped;                     ///< bodies and statements that cannot be asked about
};

/// Beyond these many questions the rest is counted.
inline constexpr std::size_t kMaxBodyQuestions = 100'000;

/// `paths`: of each item of the recorded plan, the search_path on the candidate (ServerAnswers::paths). Routines are
/// those of the candidate: what it will run.
BodyPlan plan_bodies(const RecordedStatements& recorded, const CheckPlan& plan, const std::vector<Bytes>& paths,
                     const std::vector<std::optional<Accesses>>& accesses, const Routines& routines,
                     const SchemaFacts& schema);

}  // namespace understudy::schema
