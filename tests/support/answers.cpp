#include "tests/support/answers.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <utility>

#include "core/exchange/result_builder.hpp"
#include "core/exchange/result_digest.hpp"
#include "core/model/digest_mix.hpp"
#include "core/pgwire/backend_messages.hpp"

namespace understudy::testing {
namespace {

const Digester& digester() {
    static const Digester made(DigestKey({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}));
    return made;
}

/// The body of a message: what follows tag and length.
Bytes body_of(const pgwire::BackendMessage& message) { return pgwire::encode_backend(message).substr(5); }

}  // namespace

Bytes row_description(const std::vector<Column>& columns) {
    pgwire::RowDescription description;
    for (const Column& column : columns) {
        pgwire::ColumnDescription made;
        made.name = column.name;
        made.type_oid = column.type;
        made.type_modifier = column.typmod;
        made.table_oid = column.table;
        made.attribute = column.attribute;
        description.columns.push_back(made);
    }
    return body_of(description);
}

StepResult done(const Bytes& tag) {
    StepResult result;
    result.kind = StepKind::statement;
    result.command_tag = tag;
    return result;
}

StepResult rows(const std::vector<Column>& columns, const std::vector<Row>& values, bool keep) {
    StepResult result = done("SELECT " + std::to_string(values.size()));
    result.row_description = row_description(columns);
    result.rows = values.size();
    DigestAccumulator accumulator;
    Bytes scratch;
    for (const Row& row : values) {
        accumulator.begin_row();
        for (std::size_t i = 0; i < row.size(); ++i) {
            std::uint64_t cell = digester().null_cell();
            if (row[i]) {
                const auto canonical = pgwire::canonical_value(columns[i].type, 0, *row[i], scratch);
                cell = digester().cell(canonical.value_class, canonical.bytes);
            }
            accumulator.add_cell(i, cell, result.digest);
            if (values.size() * columns.size() <= ResultBuilder::kMaxCells) result.digest.cells.push_back(cell);
        }
        accumulator.end_row(result.digest);
        if (keep) result.kept_rows.push_back(body_of(pgwire::DataRow{row}));
    }
    return result;
}

StepResult failed(const Bytes& sqlstate, const Bytes& message) {
    StepResult result;
    result.kind = StepKind::statement;
    result.outcome = StepOutcome::error;
    result.error = ServerMessage{{{'S', "ERROR"}, {'V', "ERROR"}, {'C', sqlstate}, {'M', message}}};
    return result;
}

StepResult described(const std::vector<std::uint32_t>& parameters, const std::vector<Column>& columns) {
    StepResult result;
    result.kind = StepKind::describe;
    result.parameter_description = body_of(pgwire::ParameterDescription{parameters});
    if (!columns.empty()) result.row_description = row_description(columns);
    return result;
}

StepResult of_outcome(StepOutcome outcome) {
    StepResult result;
    result.kind = StepKind::statement;
    result.outcome = outcome;
    return result;
}

StepResult as(StepKind kind, StepResult result) {
    result.kind = kind;
    return result;
}

StepResult with_notice(StepResult result, const Bytes& sqlstate, const Bytes& text) {
    result.notices.push_back(ServerMessage{{{'V', "NOTICE"}, {'C', sqlstate}, {'M', text}}});
    return result;
}

MadeCapture::MadeCapture(std::string name) : name_(std::move(name)) {
    header_.source = "replay";
    header_.key_id = "00000000000000aa";
    header_.server_version = "15.6";
    header_.tool_version = "0.1.0";
    header_.created = Timestamp::from_ns(1'714'557'600'000'000'000);  // 2024-05-01 10:00 UTC
}

Timestamp MadeCapture::tick() { return header_.created + Duration::milliseconds(++milliseconds_); }

void MadeCapture::exchange(std::uint64_t session, Bytes frames, std::vector<StepResult> results, char status) {
    Request request;
    request.session = SessionId(session);
    request.ordinal = Ordinal(next_ordinal_[session]++);
    request.time = tick();
    request.frames = std::move(frames);
    Response response;
    response.session = request.session;
    response.ordinal = request.ordinal;
    response.transaction_status = status;
    milliseconds_ += std::exchange(slow_, 0);
    response.ready = tick();
    for (StepResult& result : results) result.first = result.end = response.ready;
    response.results = std::move(results);
    events_.push_back(std::move(request));
    events_.push_back(std::move(response));
}

void MadeCapture::pipeline(std::uint64_t session, const std::vector<std::pair<Bytes, std::int64_t>>& queries) {
    const Timestamp asked = tick();
    for (const auto& [sql, milliseconds] : queries) {
        slow_ = milliseconds;
        query(session, sql, {done("SELECT 1")});
        std::get<Request>(events_[events_.size() - 2]).time = asked;
    }
}

void MadeCapture::query(std::uint64_t session, const Bytes& sql, std::vector<StepResult> results, char status) {
    exchange(session, pgwire::encode_frontend(pgwire::Query{sql}), std::move(results), status);
}

void MadeCapture::extended(std::uint64_t session, const std::vector<pgwire::FrontendMessage>& messages,
                           std::vector<StepResult> results, char status) {
    Bytes frames;
    for (const auto& message : messages) pgwire::encode_frontend_to(frames, message);
    pgwire::encode_frontend_to(frames, pgwire::Sync{});
    exchange(session, std::move(frames), std::move(results), status);
}

void MadeCapture::execute(std::uint64_t session, const Bytes& sql, const Row& parameters, StepResult result,
                          char status) {
    extended(session, {pgwire::Parse{"", sql, {}}, pgwire::Bind{"", "", {}, parameters, {}}, pgwire::Execute{"", 0}},
             {as(StepKind::parse, done("")), as(StepKind::bind, done("")), as(StepKind::execute, std::move(result))},
             status);
}

void MadeCapture::close(std::uint64_t session, SessionEnd end) {
    SessionClosed closed;
    closed.session = SessionId(session);
    closed.time = tick();
    closed.end = end;
    events_.push_back(std::move(closed));
}

Result<std::optional<Event>> MadeCapture::next() {
    if (next_event_ == events_.size()) {
        next_event_ = 0;
        return std::optional<Event>();
    }
    return std::optional<Event>(events_[next_event_++]);
}

compare::Report compare_made(MadeCapture& baseline, MadeCapture& candidate, MadeCapture* control,
                             MadeCapture* confirmation, std::size_t memory_limit) {
    compare::ComparisonOptions options;
    options.memory_limit = memory_limit;
    auto report = compare::compare_captures({&baseline, &candidate, control, confirmation}, options);
    if (!report) {
        ADD_FAILURE() << report.error().message;
        return {};
    }
    return std::move(*report);
}

void expect_golden(const std::string& file, const std::string& actual) {
    const std::string path = std::string(UNDERSTUDY_SOURCE_DIR) + "/tests/scenarios/" + file;
    if (std::getenv("UPDATE_GOLDEN") != nullptr) {
        std::ofstream(path, std::ios::binary) << actual;
        return;
    }
    std::ifstream in(path, std::ios::binary);
    std::stringstream expected;
    expected << in.rdbuf();
    EXPECT_TRUE(in.good() || !expected.str().empty())
        << "no " << path << ": run with UPDATE_GOLDEN=1 and read the result";
    EXPECT_EQ(expected.str(), actual) << "run with UPDATE_GOLDEN=1 to accept";
}

}  // namespace understudy::testing
