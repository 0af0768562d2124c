#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "replay/order/unit.hpp"

namespace understudy::replay {

/// Whom to tell that a session may go on. Called from any thread; must not block.
class Wakeable {
public:
    virtual ~Wakeable() = default;
    virtual void wake() = 0;
};

/// How far each session of the replay is, and who waits for it.
///
/// Thread-safe. Sessions are added by the reader's thread, in the order of their index; entries stay where they are.
class OrderBoard {
public:
    struct Waiting {  // a session that waits, as the watch sees it
        SessionIndex session = 0;
        Predecessor for_what;
        Progress position;  ///< what it has asked already lies before this
        Timestamp since;
        std::uint64_t number = 0;  ///< of the wait: it changes when the session goes on
    };

    void add_session(SessionIndex session);
    /// The session is as far as `done`; what was waited for up to there is woken.
    void advance(SessionIndex session, Progress done);
    /// From here on the session does not do what it did in the recording: it lost its connection, or a request was not
    /// sent. Who waits for what comes later goes on, tainted.
    void fail_from(SessionIndex session, Progress done);
    /// The session's connection, for the watch; 0: none.
    void set_process(SessionIndex session, std::uint32_t process_id);

    /// The first of `after` that is not done yet; its place in `after`, or after.size() when all are.
    [[nodiscard]] std::size_t first_open(const std::vector<Predecessor>& after, std::size_t from) const;
    /// Whether one of `after` is done only because its session failed.
    [[nodiscard]] bool tainted(const std::vector<Predecessor>& after) const;
    enum class Answer : std::uint8_t {
        waits,     ///< `who` is woken when it is done; then ask again
        over,      ///< it is done: go on
        released,  ///< it is not done, and not to be waited for any more
    };
    /// May be asked again while it waits. `position`: of the request that has to wait.
    Answer wait_for(SessionIndex session, Progress position, const Predecessor& before, Timestamp now,
                    std::weak_ptr<Wakeable> who);

    /// All that wait now.
    [[nodiscard]] std::vector<Waiting> waiting() const;
    /// Tells a session to go on without what it waits for, if it still waits for it.
    void release(const Waiting& waiting);
    [[nodiscard]] std::uint32_t process_of(SessionIndex session) const;
    [[nodiscard]] SessionIndex sessions() const { return size_.load(std::memory_order_acquire); }

private:
    struct Waiter {
        Progress wanted;
        std::weak_ptr<Wakeable> who;
    };
    struct Session {
        std::atomic<std::uint64_t> done{0};
        std::atomic<std::uint64_t> failed_from{UINT64_MAX};
        std::atomic<std::uint32_t> process{0};
        std::atomic<std::uint32_t> waiters_count{0};
        std::mutex mutex;
        std::vector<Waiter> waiters;
        // What this session itself waits for.
        bool waits = false;
        bool released = false;
        Predecessor for_what;
        Progress position;
        Timestamp since;
        std::uint64_t number = 0;
        std::weak_ptr<Wakeable> self;
    };
    static constexpr std::size_t kBlock = 1024;

    [[nodiscard]] Session& at(SessionIndex session) const { return (*blocks_[session / kBlock])[session % kBlock]; }

    using Block = std::array<Session, kBlock>;
    std::vector<std::unique_ptr<Block>> blocks_ = std::vector<std::unique_ptr<Block>>(kMaxBlocks);
    static constexpr std::size_t kMaxBlocks = 1U << 14U;  // 16 million sessions
    std::atomic<SessionIndex> size_{0};
};

}  // namespace understudy::replay
