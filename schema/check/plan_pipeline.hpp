#pragma once

#include <optional>
#include <vector>

#include "core/pgwire/frame_reader.hpp"
#include "schema/check/description.hpp"

namespace understudy::schema {

/// What one server is to plan.
struct PlanQuestion {
    BytesView sql;                               ///< borrowed until the pipeline is done; without zero bytes
    std::vector<std::uint32_t> parameter_types;  ///< as in Question
    std::size_t parameters = 0;                  ///< how many the server said it has
    BytesView bind;                              ///< recorded values (StatementSample::bind); empty: all NULL
    bool run = false;                            ///< a question of our own: executed as it is, without EXPLAIN
};

/// Has statements planned and not executed: Parse, Bind and Execute of EXPLAIN, without ANALYZE, and Sync. Planning
/// looks at what a Parse does not: privileges on tables, columns and functions (ExecutorStart() checks them for
/// EXPLAIN, too), and constants and parameters that do not fit their column, whose casts the planner folds. No I/O, as
/// DescribePipeline.
class PlanPipeline {
public:
    static constexpr std::size_t kInFlight = 64;

    /// Borrows the questions.
    explicit PlanPipeline(const std::vector<PlanQuestion>& questions) : questions_(questions) {}

    BytesView next_bytes();
    Result<void> on_frame(const pgwire::FrameView& frame);
    [[nodiscard]] bool done() const { return answers_.size() == questions_.size(); }
    /// In the order of the questions; nothing: it was planned.
    std::vector<std::optional<Refusal>> take() { return std::move(answers_); }

private:
    const std::vector<PlanQuestion>& questions_;
    std::size_t asked_ = 0;
    Bytes out_;
    std::optional<Refusal> current_;
    std::vector<std::optional<Refusal>> answers_;
};

/// The refusal in an ErrorResponse. Errors: Errc::io for one that ends the connection.
Result<Refusal> refusal_of(BytesView body);

/// Whether EXPLAIN takes it: a query or data change.
bool can_be_planned(BytesView sql);

}  // namespace understudy::schema
