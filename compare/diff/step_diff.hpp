#pragma once

#include <functional>
#include <vector>

#include "compare/diff/divergence.hpp"
#include "compare/diff/shape.hpp"
#include "core/model/step.hpp"
#include "core/sql/order_columns.hpp"

namespace understudy::compare {

/// A command tag taken apart (PostgreSQL docs, CommandComplete): "INSERT 0 5" is the words "INSERT" and the count 5.
struct CommandTag {
    BytesView words;
    std::uint64_t count = 0;
    bool counted = false;
};
CommandTag parse_command_tag(BytesView tag);

/// Whether two answers to one step are the same by everything but text that may differ freely. Cheap: this is the fast
/// path, taken for nearly every step. False only means that diff_step() has to look.
bool surely_same(const StepResult& a, const StepResult& b);

/// What of two answers can be compared.
struct AnswerScope {
    bool notice_texts = true;  ///< texts of notices: the servers are of one version
    bool times = false;  ///< both sides are replays: how long steps took can be compared
    bool results = true;       ///< false: a side is of a source that does not see results (a log); errors alone count
};

/// How a statement orders its rows.
struct StatementOrder {
    bool ordered = false;
    std::vector<sql::OrderColumn> columns;
};

struct StepDiffTools {
    ShapeComparer* shapes = nullptr;
    /// Whether the step's statement orders its rows, and by what; asked only when rows come in another order.
    std::function<StatementOrder()> order;
    AnswerScope scope;
};

/// The differences between two answered steps (outcome complete, error, suspended or empty). When one of them is an
/// error, nothing else of it is judged.
std::vector<Divergence> diff_step(const StepResult& a, const StepResult& b, const StepDiffTools& tools);

/// The differences in the rows of a cursor, all its pages taken together as one answer each.
std::vector<Divergence> diff_cursor(const StepResult& a, const StepResult& b, const StepDiffTools& tools);

/// One line that says what a step answered: "SELECT 5", "ERROR 42703: column …", "(id integer)".
Bytes answer_in_words(const StepResult& result, const TypeNames& types);

}  // namespace understudy::compare
