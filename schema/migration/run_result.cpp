#include "schema/migration/run_result.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace understudy::schema {

bool RunResult::succeeded(std::size_t count) const {
    if (end != SessionEnd::orderly || frame_failure || transaction_status != 'I' || statements.size() != count)
        return false;
    return std::all_of(statements.begin(), statements.end(), [](const StatementResult& one) { return one.done(); });
}

const StatementResult* RunResult::failure() const {
    for (const StatementResult& statement : statements) {
        if (statement.error) return &statement;
    }
    return frame_failure ? &*frame_failure : nullptr;
}

std::string RunResult::failure_text() const {
    if (const StatementResult* failed = failure()) {
        const std::string place =
            failed->line == 0 ? Bytes(failed->text.substr(0, 60)) : fmt::format("line {}", failed->line);
        return fmt::format("{}: {} ({})", place, failed->message(), failed->sqlstate());
    }
    if (end == SessionEnd::lost) return lost.empty() ? "the connection was lost" : lost;
    if (end == SessionEnd::dropped) return "the session ended before the script did";
    if (transaction_status != 'I')
        return "the script leaves a transaction open, which the end of the session rolls back";
    return {};
}

}  // namespace understudy::schema
