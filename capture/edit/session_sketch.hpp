#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "core/model/event.hpp"

namespace understudy::capture {

/// What tells a session of one capture from, or finds it again in, that of another host.
struct SessionSketch {
    static constexpr std::size_t kMaxSamples = 16;

    struct Sample {
        std::uint64_t hash = 0;  ///< of the first message of an exchange
        Timestamp asked;
        Timestamp ready;  ///< unknown: not answered
    };

    std::string client;
    std::string server;
    std::uint64_t startup = 0;  ///< hash of user, database and start-up parameters; 0: unknown
    std::uint32_t process_id = 0;
    bool joined = true;
    std::uint64_t exchanges = 0;
    std::uint64_t answered = 0;
    std::uint64_t losses = 0;  ///< gaps, dropped exchanges, incomplete steps
    std::uint64_t first_ordinal = 0;
    std::vector<Sample> samples;  ///< of the first exchanges
    Timestamp first;              ///< of its requests; unknown where there is none
    Timestamp last;
};

/// Makes the sketches of one capture's sessions: at most about 600 bytes each.
class SketchBook {
public:
    void on_event(const Event& event);
    [[nodiscard]] const std::unordered_map<SessionId, SessionSketch>& sketches() const { return sketches_; }

private:
    void identify(SessionSketch& sketch, const SessionIdentity& identity);
    void on(const Request& event);
    void on(const Response& event);

    std::unordered_map<SessionId, SessionSketch> sketches_;
};

/// Whether `a` holds more of a session than `b`.
bool more_complete(const SessionSketch& a, const SessionSketch& b);

}  // namespace understudy::capture
