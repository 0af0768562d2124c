#pragma once

#include <map>
#include <optional>
#include <unordered_map>

#include "compare/analysis/exchange_diff.hpp"
#include "compare/analysis/pairing.hpp"

namespace understudy::compare {

/// What became of the calls of one kind: statements that were executed, and function calls.
struct CallCounts {
    std::uint64_t calls = 0;      ///< that the baseline answered
    std::uint64_t same = 0;       ///< the other side answered as it did
    std::uint64_t differing = 0;  ///< it answered otherwise, or failed because of an error before
    std::uint64_t open = 0;       ///< it answered otherwise where the recording leaves open which answer was right
    /// Nobody judged them: not sent, not answered, lost.
    [[nodiscard]] std::uint64_t unjudged() const { return calls - same - differing - open; }
    [[nodiscard]] std::uint64_t judged() const { return same + differing + open; }
    void add(const CallCounts& other);
};

/// The calls of one fingerprint.
struct ReproducedStatement {
    Bytes fingerprint;  ///< 16 hexadecimal digits; empty: the statement was prepared before the recording began
    Bytes statement;    ///< without its constants; of what is no query only its first word
    bool names_table = false;
    CallCounts counts;
    /// Of the first call that differs, in a few words: "value", "error appeared 42703".
    Bytes first_difference;
};

/// One session's calls: they belong together when it comes to chance.
struct SessionCalls {
    std::uint64_t calls = 0;
    std::uint64_t same = 0;
};

/// How much of a recording another run answered as it was recorded, by statement and by session.
struct Reproduction {
    static constexpr std::size_t kMaxStatements = 20'000;  ///< the calls of further ones are added up in `others`
    static constexpr std::size_t kMaxSessions = 100'000;   ///< the calls of further ones are added to the last

    std::map<Bytes, ReproducedStatement> statements;  ///< by fingerprint
    CallCounts others;
    std::vector<SessionCalls> sessions;
    /// Differences of exchanges that execute nothing: a statement is described otherwise, or cannot be prepared.
    std::uint64_t prepared_otherwise = 0;

    [[nodiscard]] CallCounts total() const;
};

/// Counts, call by call, what the comparison of baseline and candidate makes of it. A call counts as the same only when
/// all that diff_step() looks at is; differences that only lie in time do not count.
class ReproductionMeter final : public PairListener {
public:
    /// `baseline` and `candidate` must outlive the meter.
    ReproductionMeter(const TypeNames& baseline, const TypeNames& candidate, AnswerScope scope)
        : shapes_(baseline, candidate), scope_(scope) {}

    void on_pair(PairedExchange&& pair) override { count(pair); }
    void count(const PairedExchange& pair);
    void on_session_done(SessionId session) override;
    [[nodiscard]] Reproduction take();

private:
    struct Session {
        CascadeState cascade;
        SessionCalls calls;
    };
    ReproducedStatement* statement_of_call(const StepContext* context, std::uint32_t step);
    void keep(const SessionCalls& calls);

    ShapeComparer shapes_;
    AnswerScope scope_;
    FactsCache facts_;
    std::unordered_map<SessionId, Session> sessions_;
    Reproduction found_;
};

}  // namespace understudy::compare
