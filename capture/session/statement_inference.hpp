#pragma once

#include <cstdint>
#include <map>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/model/event.hpp"

namespace understudy::capture {

/// Finds out what a prepared statement is that a session uses and whose Parse was never seen there: what other
/// sessions of the same client pool (client address without port, server, and user and database where known) prepared
/// under that name. It is resolved only where
/// - all of them gave the name one and the same text with the same parameter types, and
/// - the number of parameters of the Bind, and columns or command tag of an answer, are as they are there.
/// Drivers' names (S_1) mean something else on each connection; a name with two texts is not resolved.
///
/// Drive it with a capture's events in order, then resolve(). Pure. Memory: kMaxEntries names and uses, kMaxText bytes
/// of statements; past that, names that are new are not resolved. Costs little for a Request of unnamed statements: a
/// look at its frames' headers.
class StatementInference {
public:
    static constexpr std::size_t kMaxEntries = 100'000;
    static constexpr std::size_t kMaxText = std::size_t{64} << 20U;
    static constexpr std::size_t kMaxAgreeing = 16;  ///< so many sessions are counted

    void on_event(const Event& event);

    struct Outcome {
        std::vector<StatementInferred> statements;  ///< in the order of sessions and names
        std::uint64_t requests = 0;                 ///< Binds that are resolved by them
    };
    [[nodiscard]] Outcome resolve(Timestamp now) const;

private:
    /// What a statement takes and gives, as far as an answer showed it.
    struct Shape {
        std::uint16_t parameters = 0;
        std::size_t columns = 0;  // 0: not known, or none
        Bytes verb;               // of the command tag; empty: not known
        bool known = false;
        [[nodiscard]] bool fits(const Shape& other) const;
    };
    struct Text {  // that sessions of one user and database gave a name
        Bytes user, database;
        PreparedStatement statement;
        std::vector<SessionId> sessions;
        Shape shape;
        bool contradicted = false;  // by another text
    };
    struct Use {
        Shape shape;
        std::uint64_t binds = 0;
        bool contradicted = false;  // by an answer of another shape: the name stood for several statements
    };
    struct Asked {  // an Execute whose answer shows a shape
        Ordinal ordinal;
        StepIndex step;
        Bytes name;
        std::uint16_t parameters = 0;
        bool unresolved = false;
    };
    struct Session {
        Bytes pool, user, database;
        std::unordered_set<Bytes> prepared;  // names that it prepared itself, as far as was seen
        std::map<Bytes, Use> uses;
        std::vector<Asked> asked;
        std::unordered_set<Bytes> unshaped;  // statements that it prepared and whose shape its answers are to show
    };
    static constexpr std::size_t kMaxAsked = 64;

    void on_identity(SessionId id, const SessionIdentity& identity);
    void on_request(const Request& request);
    void on_prepared(Session& session, SessionId id, BytesView body);
    void on_bind(Session& session, Asked& bound, BytesView body);
    void on_answer(Session& session, const Asked& asked, const StepResult& result);
    [[nodiscard]] const Text* text_for(const Session& session, const Bytes& name, const Use& use) const;
    void on_response(const Response& response);

    std::map<SessionId, Session> sessions_;
    std::unordered_map<Bytes, std::vector<Text>> texts_;  // by pool and name
    std::size_t entries_ = 0;
    std::size_t text_bytes_ = 0;
    std::size_t unshaped_ = 0;  // of all sessions; where nothing is waited for, no session is looked up
    std::size_t asked_ = 0;
};

}  // namespace understudy::capture
