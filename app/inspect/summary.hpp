#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "app/inspect/file_report.hpp"
#include "app/inspect/follower.hpp"

namespace understudy::app::inspect {

/// Counts by name. Past kMaxNames different ones, further names count as "(others)": names come from what
/// clients sent.
class NamedCounts {
public:
    static constexpr std::size_t kMaxNames = 10'000;

    [[nodiscard]] std::uint64_t at(BytesView name) const;
    void add(BytesView name, std::uint64_t count = 1);
    [[nodiscard]] const std::map<Bytes, std::uint64_t>& values() const { return values_; }
    [[nodiscard]] bool empty() const { return values_.empty(); }

private:
    std::map<Bytes, std::uint64_t> values_;
};

/// What captures hold, in numbers. docs/inspect.md says what each means.
struct Summary {
    std::vector<FileReport> files;
    Timestamp first;
    Timestamp last;
    std::uint64_t sessions = 0;
    std::uint64_t joined_sessions = 0;
    std::uint64_t exchanges = 0;
    std::uint64_t statements = 0;
    std::uint64_t rows = 0;
    std::uint64_t errors = 0;
    std::array<std::uint64_t, 8> steps{};  ///< by StepOutcome
    NamedCounts session_ends;              ///< by key_of(SessionEnd), "unknown" where the file ends first
    NamedCounts users;                     ///< sessions by user …
    NamedCounts databases;
    NamedCounts applications;
    NamedCounts sqlstates;
    NamedCounts frontend_messages;
    NamedCounts backend_messages;
    NamedCounts loss;
    NamedCounts counters;  ///< all others
    Quality quality;
    std::map<SessionId, std::map<std::string, std::uint64_t>> session_losses;  ///< counters "loss.…" of sessions
    std::uint64_t cancels = 0;
    std::uint64_t catalogs = 0;
    std::uint64_t left_out = 0;  ///< beyond inspect's own limits

    [[nodiscard]] std::uint64_t steps_with(StepOutcome outcome) const {
        return steps[static_cast<std::size_t>(outcome)];
    }
    [[nodiscard]] std::uint64_t all_steps() const;
    /// Why the percentage of `quality` is an upper bound, in words; empty when it is exact or a cautious estimate.
    [[nodiscard]] std::vector<std::string> doubts() const;
};

/// Adds up a Summary. Drive it: on_event() for the events of a file, end_file(), and so on for each; then
/// finish() once.
class Summariser final : private FollowListener {
public:
    Summariser() : follower_(*this, false) {}

    void on_event(const Event& event);
    /// Counters are totals of their file: the last record of it counts.
    void end_file(FileReport file);
    Summary finish();

private:
    void on_step(const FollowedStep& step) override;
    void on_session_end(const SessionInfo& session) override;
    void add_error(const ServerMessage* error);
    void add_counter(const std::string& name, std::uint64_t value);
    void note_losses(const Counters& counters);

    Summary summary_;
    Follower follower_;
    Counters counters_;  // of the current file
    std::uint64_t inferred_ = 0;
};

std::string to_text(const Summary& summary);
Json to_json(const Summary& summary);

}  // namespace understudy::app::inspect
