#pragma once

#include <optional>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/time.hpp"
#include "core/pgwire/frame_reader.hpp"
#include "schema/migration/run_result.hpp"

namespace understudy::schema {

/// Keeps this many notices of a statement; more are counted in the last one's place.
inline constexpr std::size_t kMaxNotices = 1000;

/// Takes the answer to one Query of one or many statements apart: which statement each message belongs to (PostgreSQL
/// docs, "Simple Query" and "Multiple Statements in a Simple Query"). Pure: instants are handed in.
class AnswerReader {
public:
    /// The statements [first, first + count) of the script are in the Query; `whole`: its text is the script's, so that
    /// an error's position tells which statement could not be parsed.
    AnswerReader(const Script& script, std::size_t first, std::size_t count, bool whole, Timestamp sent);

    /// What is to be sent in reply; empty: nothing. Errors: Errc::protocol.
    Result<Bytes> on_frame(const pgwire::FrameView& frame, Timestamp now);

    [[nodiscard]] const Script& script() const { return script_; }
    [[nodiscard]] bool ready() const { return ready_; }
    [[nodiscard]] char transaction_status() const { return transaction_status_; }
    /// Statements answered so far, and the one being answered, if any of it came.
    [[nodiscard]] const std::vector<StatementResult>& results() const { return results_; }
    /// The connection ended: the statement that was being answered has no end.
    void on_end();
    /// Taken once ready() or after on_end().
    std::vector<StatementResult> take() { return std::move(results_); }

private:
    StatementResult& current();
    void finish(Timestamp now);
    void fail(pgwire::ServerFields fields, Timestamp now);

    const Script& script_;
    std::size_t first_;
    std::size_t count_;
    bool whole_;
    Timestamp last_;  // when the statement before ended
    std::vector<StatementResult> results_;
    bool open_ = false;  // the last result has not ended
    bool failed_ = false;
    bool ready_ = false;
    char transaction_status_ = 'I';
};

}  // namespace understudy::schema
