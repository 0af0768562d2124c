#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "core/pgwire/response_tracker.hpp"
#include "tests/support/frames.hpp"

namespace understudy::testing {

/// How the protocol's state machine of a PostgreSQL backend answers (PostgresMain, exec_simple_query,
/// CopyGetData), written without a look at ours. It knows which message each answer belongs to.
///
/// A statement's text says what it does: "ok", "rows N", "empty", "error", "bad" (fails at Parse), "deferred"
/// (fails at Sync), "out N" and "outerror" (COPY TO STDOUT), "copy", "copyerror N" (COPY FROM STDIN that
/// fails at its Nth message), "copyend" (fails at CopyDone). A Query has several, between semicolons.
/// Function 1 succeeds, 2 fails, 3 fails when its transaction commits.
class ServerModel {
public:
    explicit ServerModel(std::uint64_t seed) : dice_(seed) {}

    /// One frame of the client; its number is how many came before.
    void receive(Bytes frame) { inbox_.push_back(std::move(frame)); }
    /// Processes one frame; false when there is none.
    bool step();
    /// The next frame that has left the server.
    std::optional<Bytes> send();
    [[nodiscard]] bool reads_copy_data() const { return copy_.has_value(); }

    struct Ended {
        std::size_t request = 0;  ///< number of the client's frame
        std::uint32_t statement = 0;
        pgwire::Ending ending = pgwire::Ending::complete;
        std::size_t answer = 0;  ///< number of the server's frame that ended it; kNone for what was skipped
        friend auto operator<=>(const Ended&, const Ended&) = default;
    };
    struct Exchange {
        std::size_t request = 0;  ///< the Sync, Query or FunctionCall that ended it
        char status = 0;          ///< 0: discarded
        friend auto operator<=>(const Exchange&, const Exchange&) = default;
    };
    static constexpr std::size_t kNone = SIZE_MAX;
    std::vector<Ended> ended;
    std::vector<Exchange> exchanges;

private:
    struct Copy {
        std::string kind;
        std::size_t left = 0;  // messages until it fails
        bool extended = false;
    };
    struct Portal {
        std::string sql;
        std::size_t sent = 0;
    };

    void put(Bytes frame);
    void end(pgwire::Ending ending, Bytes last_frame);
    void fail();
    void ready();
    void process(const Bytes& frame);
    void on_copy_frame(char tag);
    void parse(const Bytes& frame);
    void bind(const Bytes& frame);
    void describe(const Bytes& frame);
    void execute(const Bytes& frame);
    void function_call(const Bytes& frame);
    void go_on_with_query();
    void run(const std::string& sql, std::size_t first_row, std::size_t max_rows);
    void begin_copy(const std::string& sql, bool extended);

    std::mt19937_64 dice_;
    std::deque<Bytes> inbox_;
    std::size_t current_ = 0;  // number of the frame being processed
    std::size_t owner_ = 0;    // of the answer: current_, but while COPY data comes that which asked for it
    std::uint32_t statement_ = 0;
    std::deque<std::string> query_;
    bool in_query_ = false;
    std::optional<Copy> copy_;
    bool ignore_till_sync_ = false;
    bool deferred_ = false;
    std::map<Bytes, std::string> statements_;
    std::map<Bytes, Portal> portals_;
    std::deque<Bytes> buffer_;
    std::deque<Bytes> outbox_;
    std::size_t written_ = 0;
};

}  // namespace understudy::testing
