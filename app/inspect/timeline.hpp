#pragma once

#include <unordered_map>

#include "app/inspect/follower.hpp"

namespace understudy::app::inspect {

/// What happened in each of some equal spans of a capture's time. The spans grow as the capture goes on, so that there
/// are never more than kMaxBuckets: 1 ms, 5 ms, 10 ms … 1 s, 5 s … 1 h, 6 h, 1 day, 1 week, and so on.
///
/// Drive it: give it to a Follower, which has to finish before to_text() and to_json().
class Timeline final : public FollowListener {
public:
    static constexpr std::size_t kMaxBuckets = 60;

    struct Bucket {
        std::uint64_t exchanges = 0;  ///< that began here
        std::uint64_t steps = 0;
        std::uint64_t errors = 0;
        std::uint64_t bytes = 0;   ///< that clients sent
        std::uint64_t opened = 0;  ///< sessions whose first event is here
        std::uint64_t ended = 0;   ///< and whose last
    };

    /// The time of the first bucket's start.
    void set_origin(Timestamp origin) { origin_ = origin; }
    void on_step(const FollowedStep& step) override;
    void on_session_end(const SessionInfo& session) override;

    [[nodiscard]] Timestamp origin() const { return origin_; }
    [[nodiscard]] Duration span() const;
    [[nodiscard]] const std::vector<Bucket>& buckets() const { return buckets_; }

private:
    Bucket& bucket(Timestamp time);

    Timestamp origin_;
    std::size_t scale_ = 0;
    std::vector<Bucket> buckets_;
    std::unordered_map<SessionId, std::uint64_t> counted_;  // of open sessions: ordinals below are counted
};

std::string to_text(const Timeline& timeline);
/// The fields of the JSON document.
Json to_json(const Timeline& timeline);

}  // namespace understudy::app::inspect
