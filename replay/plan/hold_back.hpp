#pragma once

#include <set>
#include <string>
#include <unordered_set>

#include "core/base/bytes.hpp"
#include "core/pgwire/frame_reader.hpp"

namespace understudy::replay {

/// Decides which recorded statements are not sent because they act outside the database (design: "Never production"):
/// COPY … PROGRAM, ALTER SYSTEM, CREATE SUBSCRIPTION, pg_terminate_backend, dblink … What views, triggers and functions
/// do is not in the statement; docs/security.md says so.
///
/// One for each session: it remembers the prepared statements that were held back, since their Binds must not be sent
/// either.
class HoldBack {
public:
    /// `allowed`: effects that may be sent, by their names, e.g. "COPY PROGRAM".
    explicit HoldBack(const std::set<std::string>& allowed) : allowed_(allowed) {}

    /// Why this frame must not be sent; empty when it may.
    std::string judge(const pgwire::FrameView& frame);
    /// Frames that are not sent, for whatever reason: the target does not have the statements that they prepare.
    void note_not_sent(BytesView frames);

private:
    [[nodiscard]] std::string judge_sql(BytesView sql) const;

    const std::set<std::string>& allowed_;
    std::unordered_set<Bytes> held_statements_;
};

}  // namespace understudy::replay
