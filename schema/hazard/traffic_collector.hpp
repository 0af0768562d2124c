#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/model/event.hpp"
#include "core/pgwire/frame_reader.hpp"
#include "core/pgwire/frontend_messages.hpp"
#include "core/sql/access.hpp"
#include "schema/hazard/traffic.hpp"

namespace understudy::schema::hazard {

struct TrafficLimits {
    std::size_t texts = 50'000;       ///< different texts whose meaning is remembered; others are parsed each time
    std::size_t statements = 50'000;  ///< shapes
    std::size_t relations = 20'000;
    std::size_t sessions = 100'000;             ///< open at a time
    std::size_t names = 10'000;                 ///< statements, and portals, of one session
    std::size_t message_bytes = 16U << 20U;     ///< a longer one makes its exchange unreadable
    std::size_t remembered_text = 4096;         ///< bytes of a text that is remembered
    std::size_t relations_in_transaction = 16;  ///< whose order is noted
    std::size_t orders = 50'000;
};

/// Counts what a capture's sessions do to which tables. Feed it all events in their order, then take() once.
class TrafficCollector {
public:
    /// Only sessions of `database`, if given.
    explicit TrafficCollector(Bytes database = {}, TrafficLimits limits = {})
        : database_(std::move(database)), limits_(limits) {}

    void on_event(const Event& event);
    Traffic take();

private:
    /// What one statement does to relations, once for each text.
    struct Use {
        sql::RelationName relation;
        bool writes = false;
    };
    struct Meaning;
    using Meanings = std::shared_ptr<const std::vector<Meaning>>;
    struct Meaning {
        bool parsed = false;
        std::vector<Use> uses;
        std::size_t shape = kNoShape;
        Bytes prepares;            ///< PREPARE: the name; it uses nothing itself
        Meanings prepared;         ///< what that stands for
        Bytes executes;            ///< EXECUTE: the name
        bool deallocates = false;  ///< DEALLOCATE, DISCARD ALL
        Bytes deallocated;         ///< the name; empty: all
    };
    static constexpr std::size_t kNoShape = static_cast<std::size_t>(-1);

    struct Touched {
        sql::RelationName relation;
        Timestamp since;
    };
    struct Session {
        explicit Session(std::size_t max_message) : reader(max_message) {}
        bool left_out = false;  ///< of another database
        Bytes application;
        std::unordered_map<Bytes, Meanings> statements;
        std::unordered_map<Bytes, Meanings> portals;
        pgwire::FrameReader reader;
        Ordinal ordinal;
        bool unreadable = false;       ///< the rest of this exchange
        std::vector<Touched> touched;  ///< in this transaction, in order
    };

    void on(const SessionOpened& event) { identify(event.session, event.identity); }
    void on(const SessionState& event);
    void on(const SessionClosed& event);
    void on(const Request& event);
    void on(const Response& event);
    void on(const Gap& event);
    template <class Other>
    void on(const Other&) {}

    Session* session(SessionId id);
    void identify(SessionId id, const SessionIdentity& identity);
    void on_frame(Session& session, const pgwire::FrameView& frame, Timestamp time);
    void run(Session& session, const Meanings& meanings, Timestamp time);
    void run_one(Session& session, const Meaning& meaning, Timestamp time);
    void touch(Session& session, const Use& use, Timestamp time);
    void end_transaction(Session& session, Timestamp time);
    void count(const sql::RelationName& name, bool writes, std::size_t shape, Timestamp time);
    void see(Timestamp time);
    Meanings meanings_of(BytesView text);
    Meaning meaning_of(BytesView statement);
    std::size_t shape_of(BytesView statement);

    struct Minute {
        std::int64_t number = 0;
        std::uint64_t calls = 0;
    };

    Bytes database_;
    TrafficLimits limits_;
    Traffic found_;
    Timestamp first_;
    Timestamp last_;
    std::unordered_map<Bytes, Meanings> meanings_;
    std::unordered_map<std::uint64_t, std::size_t> shapes_;  ///< by fingerprint
    std::map<sql::RelationName, Minute> minutes_;
    std::unordered_map<std::uint64_t, Session> sessions_;
};

}  // namespace understudy::schema::hazard
