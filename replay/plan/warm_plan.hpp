#pragma once

#include <map>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/exchange/frame_scanner.hpp"
#include "core/exchange/session_states.hpp"
#include "replay/plan/left_out.hpp"

namespace understudy::replay {

/// What a pause holds: the sessions that are open, what they have prepared, and what they will prepare.
struct HeldSessions {
    std::uint64_t sessions = 0;
    std::uint64_t statements = 0;  ///< named, prepared when the pause begins; each session counts its own
    /// Of these, and of those in `later`, by statement: in how many sessions. At most WarmPlan::kMaxFingerprints.
    std::map<std::uint64_t, std::uint64_t> fingerprints;
    /// Named statements that a held session prepares after the pause, for the first time since then, in their order.
    std::unordered_map<SessionId, std::vector<PreparedStatement>> later;
    std::uint64_t left_out = 0;  ///< statements beyond a limit, which are not prepared early
};

/// Finds out what a pause at a moment of a recording holds.
///
/// Drive it: on_planned() for the events that are to be replayed, in order, until done(); then held().
class WarmPlan final : public PlannedSink {
public:
    static constexpr std::size_t kMaxFingerprints = 1'000;
    static constexpr std::size_t kMaxLater = 100'000;  ///< statements of all sessions
    static constexpr std::size_t kMaxLaterBytes = std::size_t{64} << 20U;

    /// `look_ahead`: whether `later` is wanted, for which the recording is followed to its end.
    WarmPlan(Timestamp moment, bool look_ahead) : moment_(moment), look_ahead_(look_ahead) {}

    void on_planned(Planned&& planned) override;
    [[nodiscard]] bool done() const { return taken_ && !look_ahead_; }
    HeldSessions held();

private:
    struct Held {
        std::unordered_set<Bytes> names;  // prepared, closed, or to be prepared
        FrameScanner scanner{kMaxTextBytes};
        Ordinal scanned;
        bool ended = false;  // everything is dropped, or the session is closed
    };
    static constexpr std::size_t kMaxTextBytes = std::size_t{1} << 20U;

    void take_states();
    void look_ahead(const Request& request);
    void take_frame(SessionId session, Held& held, const ScannedFrame& frame);
    static bool note_effects(Held& held, BytesView sql);
    void count_fingerprint(BytesView sql);

    Timestamp moment_;
    bool look_ahead_;
    SessionStates states_;
    bool taken_ = false;
    std::unordered_map<SessionId, Held> open_;
    std::unordered_set<SessionId> at_moment_;
    HeldSessions result_;
    std::size_t later_ = 0;
    std::size_t later_bytes_ = 0;
};

}  // namespace understudy::replay
