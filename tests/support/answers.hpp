#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "compare/comparison.hpp"
#include "core/model/event.hpp"
#include "core/pgwire/frontend_messages.hpp"
#include "core/pgwire/type_oid.hpp"

namespace understudy::testing {

struct Column {
    Bytes name;
    std::uint32_t type = pgwire::type_oid::int4;
    std::int32_t typmod = -1;
    std::uint32_t table = 0;  ///< OID of its table; 0: an expression
    std::int16_t attribute = 0;
};
using Row = std::vector<std::optional<Bytes>>;  ///< values in text format

/// Results as a capture has them; digests with a key of the tests. All of kind `statement` unless said otherwise.
StepResult done(const Bytes& tag);
StepResult rows(const std::vector<Column>& columns, const std::vector<Row>& values, bool keep = false);
StepResult failed(const Bytes& sqlstate, const Bytes& message);
StepResult described(const std::vector<std::uint32_t>& parameters, const std::vector<Column>& columns);
StepResult of_outcome(StepOutcome outcome);
StepResult as(StepKind kind, StepResult result);
StepResult with_notice(StepResult result, const Bytes& sqlstate, const Bytes& text);
Bytes row_description(const std::vector<Column>& columns);

/// A capture made by hand. Exchanges of a session number themselves; the clock goes on by a millisecond for each.
class MadeCapture final : public compare::EventSource {
public:
    explicit MadeCapture(std::string name = "made.pgcap");

    /// A simple Query with the results of its statements.
    void query(std::uint64_t session, const Bytes& sql, std::vector<StepResult> results, char status = 'I');
    /// An extended exchange: messages up to the Sync, which is added, and the results of its steps.
    void extended(std::uint64_t session, const std::vector<pgwire::FrontendMessage>& messages,
                  std::vector<StepResult> results, char status = 'I');
    /// Parse, Bind, Execute of one statement, the Execute answering `result`; an error skips nothing more than the
    /// Sync.
    void execute(std::uint64_t session, const Bytes& sql, const Row& parameters, StepResult result, char status = 'I');
    /// Simple Queries that are asked at once, each with the milliseconds until its answer ("SELECT 1").
    void pipeline(std::uint64_t session, const std::vector<std::pair<Bytes, std::int64_t>>& queries);
    /// The next exchange is answered so much later.
    void slow(std::int64_t milliseconds) { slow_ = milliseconds; }
    /// The session has no such exchange here, but keeps its number.
    void leave_out(std::uint64_t session) { ++next_ordinal_[session]; }
    void close(std::uint64_t session, SessionEnd end = SessionEnd::terminate);
    void add(Event event) { events_.push_back(std::move(event)); }

    CaptureHeader& made_header() { return header_; }
    store::Damage& made_damage() { return damage_; }
    [[nodiscard]] const std::vector<Event>& events() const { return events_; }

    [[nodiscard]] const CaptureHeader& header() const override { return header_; }
    [[nodiscard]] std::string name() const override { return name_; }
    [[nodiscard]] store::Damage damage() const override { return damage_; }
    /// Begins anew after the end.
    Result<std::optional<Event>> next() override;

private:
    void exchange(std::uint64_t session, Bytes frames, std::vector<StepResult> results, char status);
    Timestamp tick();

    std::string name_;
    CaptureHeader header_;
    store::Damage damage_;
    std::vector<Event> events_;
    std::size_t next_event_ = 0;
    std::map<std::uint64_t, std::uint32_t> next_ordinal_;
    std::int64_t milliseconds_ = 0;
    std::int64_t slow_ = 0;
};

/// Compares two to four made captures; fails the test on an error.
compare::Report compare_made(MadeCapture& baseline, MadeCapture& candidate, MadeCapture* control = nullptr,
                             MadeCapture* confirmation = nullptr, std::size_t memory_limit = 0);

/// Compares with tests/scenarios/`file`, or rewrites it when UPDATE_GOLDEN is set; fails the test with the difference.
void expect_golden(const std::string& file, const std::string& actual);

}  // namespace understudy::testing
