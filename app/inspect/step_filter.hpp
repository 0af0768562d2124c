#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "app/inspect/follower.hpp"
#include "app/time_option.hpp"

namespace understudy::app::inspect {

/// What of a capture is asked for; everything that is given must fit.
struct FilterOptions {
    std::vector<SessionId> sessions;  ///< any of these
    std::optional<std::string> user;
    std::optional<std::string> database;
    std::optional<std::uint64_t> fingerprint;
    bool errors = false;
    TimeOption from;
    TimeOption to;  ///< excluded

    /// Takes what was given as text; an empty one sets nothing. Errors: Errc::usage.
    Result<void> parse(const std::string& from_text, const std::string& to_text, const std::string& fingerprint_text);
    [[nodiscard]] bool any() const { return of_sessions() || of_steps() || from.given() || to.given(); }
    [[nodiscard]] bool of_sessions() const { return !sessions.empty() || user || database; }
    [[nodiscard]] bool of_steps() const { return fingerprint || errors; }
};

/// "1a2b3c…", as `inspect` prints them. Errors: Errc::usage.
Result<SessionId> parse_session(const std::string& text);

/// Applies FilterOptions. A fingerprint is computed once for each text, as long as the cache holds it.
class StepFilter {
public:
    static constexpr std::size_t kMaxCachedTexts = 50'000;  ///< then the cache begins anew
    static constexpr std::size_t kMaxCachedBytes = std::size_t{64} << 20U;

    explicit StepFilter(FilterOptions options) : options_(std::move(options)) {}

    [[nodiscard]] const FilterOptions& options() const { return options_; }
    /// The capture's first instant, from which relative times count.
    void set_start(Timestamp start);
    [[nodiscard]] Timestamp from() const { return from_; }
    [[nodiscard]] Timestamp to() const { return to_; }

    [[nodiscard]] bool passes(const SessionInfo& session) const;
    /// By what it ran and answered; not by its session, not by its time.
    bool passes(const FollowedStep& step);
    [[nodiscard]] bool in_window(Timestamp time) const;

private:
    bool has_fingerprint(BytesView sql);

    FilterOptions options_;
    Timestamp from_;
    Timestamp to_;
    std::unordered_map<Bytes, bool> cache_;
    std::size_t cached_bytes_ = 0;
};

/// Hands on the steps and sessions that pass a filter. With a filter of steps a session passes when a step of its does.
class FilteredListener final : public FollowListener {
public:
    FilteredListener(StepFilter& filter, FollowListener& next) : filter_(filter), next_(next) {}
    void on_step(const FollowedStep& step) override;
    void on_session_end(const SessionInfo& session) override;

private:
    StepFilter& filter_;
    FollowListener& next_;
    std::unordered_map<SessionId, std::uint64_t> passed_;  // steps, of open sessions
};

}  // namespace understudy::app::inspect
