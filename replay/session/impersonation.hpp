#pragma once

#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/model/ids.hpp"
#include "core/pgwire/frame_reader.hpp"

namespace understudy::replay {

/// A recorded role that a session takes on after it logged in as another one.
struct ImpersonatedRole {
    Bytes name;
    Bytes login;                    ///< the superuser that logs in
    bool superuser = false;         ///< the role itself
    bool may_be_superuser = false;  ///< by SET ROLE, as a member of one that is
    /// ALTER ROLE … SET, those of the database last.
    std::vector<std::pair<Bytes, Bytes>> settings;

    /// The messages that take it on.
    [[nodiscard]] Bytes assertion() const;
    /// What the start-up parameter `options` begins with, so that the role's settings are the session's defaults, to
    /// which RESET ALL and DISCARD ALL return.
    [[nodiscard]] Bytes startup_options() const;
};

/// Keeps one session the role that it was recorded with (`--impersonate`), as a pure machine. DISCARD ALL and RESET
/// SESSION AUTHORIZATION would leave it the superuser that logged in: after them the role is set again, before anything
/// else is sent. What the server reports (ParameterStatus session_authorization and is_superuser; PostgreSQL docs,
/// "Asynchronous Operations") is the proof: a session that is somebody else, without a statement in sight that explains
/// it, has failed and has to end.
///
/// Drive it: ask judge() and next() before recorded frames are sent, and takes() about each frame of the server.
class Impersonation {
public:
    explicit Impersonation(ImpersonatedRole role) : role_(std::move(role)), reported_(role_.name) {}

    /// Why recorded frames of this exchange must not be sent; when it is empty, the caller sends them.
    std::string judge(BytesView frames, Ordinal exchange);

    enum class Next {
        go_on,     ///< what is to be sent may be sent
        wait,      ///< not before the server has answered
        set_again  ///< send set_again() first
    };
    /// `answered`: the server owes no answer.
    Next next(Ordinal exchange, bool answered);
    /// Messages of our own, outside the recorded ordinals.
    Bytes set_again();

    /// Whether a frame of the server's is none of the recorded traffic's business.
    bool takes(const pgwire::FrameView& frame);
    /// Whether the server owes an answer to set_again().
    [[nodiscard]] bool setting() const { return setting_; }
    /// Why the session has to end at once.
    [[nodiscard]] const std::optional<std::string>& failure() const { return failure_; }

private:
    std::string judge_frame(const pgwire::FrameView& frame, Ordinal exchange);
    std::string judge_query(BytesView sql, Ordinal exchange);
    [[nodiscard]] std::string judge_change(const std::optional<Bytes>& to) const;
    [[nodiscard]] bool is_itself() const;
    void on_ready(BytesView body);

    ImpersonatedRole role_;
    Bytes reported_;
    bool reported_superuser_ = false;
    char transaction_ = 'I';
    std::optional<Ordinal> changed_in_;  // the exchange that may have changed the authorization
    bool change_stays_ = false;          // a superuser's recorded SET to another role
    bool setting_ = false;
    std::string refusal_;
    std::optional<std::string> failure_;
    std::unordered_set<Bytes> changing_statements_;  // prepared, and their portals
    std::unordered_set<Bytes> changing_portals_;
};

}  // namespace understudy::replay
