#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/model/event.hpp"
#include "core/pgwire/frontend_messages.hpp"
#include "core/sql/statement_traits.hpp"
#include "replay/order/relation_map.hpp"

namespace understudy::replay {

/// One early read of the capture whose answer tells whether the target holds the data that the capture began with.
struct Probe {
    SessionIdentity identity;
    Bytes sql;
    std::vector<std::uint32_t> parameter_types;
    pgwire::Bind bind;     ///< its names are those of the recording
    bool ordered = false;  ///< the statement orders its rows
    std::uint64_t rows = 0;
    ResultDigest digest;
};

/// Picks probes from the beginning of a capture: single SELECTs without functions that could depend on anything but the
/// data, of tables that no recorded statement has written so far. Pure.
///
/// Drive it with the capture's events in order until done().
class ProbeChoice {
public:
    static constexpr std::size_t kMaxProbes = 200;
    static constexpr std::size_t kMaxExchanges = 20'000;  ///< how far into the capture it looks
    static constexpr std::size_t kMaxSame = 5;            ///< probes of one statement text

    /// `catalog`: of the target; it says what views read, and what triggers and deletions write.
    explicit ProbeChoice(const catalog::Catalog& catalog) : relations_(catalog) {}

    void on_event(const Event& event);
    [[nodiscard]] bool done() const { return probes_.size() >= kMaxProbes || exchanges_ >= kMaxExchanges; }
    [[nodiscard]] const std::vector<Probe>& probes() const { return probes_; }

private:
    struct Session {
        SessionIdentity identity;
        bool settled = true;  // false once it has changed its own settings: names may mean other tables then
        std::unordered_map<Bytes, pgwire::Parse> statements;
        std::map<Ordinal, Bytes> asked;  // frames of the exchanges that are not answered yet
    };

    static constexpr std::size_t kMaxAskedBytes = 1U << 20U;  ///< of one exchange; a longer one is no probe
    static constexpr std::size_t kMaxAsked = 256;             ///< exchanges in one pipeline

    void on_request(const Request& request);
    void on_response(const Response& response);
    void on_exchange(Session& session, BytesView frames, const Response& response);
    void consider(Session& session, const pgwire::Parse& parse, const pgwire::Bind& bind, const StepResult& result);
    void note_writes(Session& session, BytesView sql);
    void note_written(RelationIndex relation);
    [[nodiscard]] bool is_written(const sql::RelationUse& relation);

    std::unordered_map<SessionId, Session> sessions_;
    RelationMap relations_;
    std::set<RelationIndex> written_;
    bool unknown_writes_ = false;  // a statement ran whose writes cannot be told
    std::unordered_map<Bytes, std::size_t> chosen_;
    std::vector<Probe> probes_;
    std::size_t exchanges_ = 0;
};

}  // namespace understudy::replay
