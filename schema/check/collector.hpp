#pragma once

#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "core/catalog/catalog.hpp"
#include "core/catalog/search_path.hpp"
#include "core/model/event.hpp"
#include "core/pgwire/frame_reader.hpp"
#include "core/pgwire/frontend_messages.hpp"
#include "schema/check/recorded_statement.hpp"
#include "schema/check/temp_tables.hpp"

namespace understudy::schema {

struct CollectorLimits {
    std::size_t statements = 100'000;           ///< distinct ones
    std::size_t statement_bytes = 256U << 20U;  ///< of their texts together
    std::size_t message_bytes = 16U << 20U;     ///< of one recorded message; a longer one makes its exchange unreadable
    std::size_t sessions = 100'000;             ///< open at a time
    std::size_t names = 10'000;                 ///< statements, and portals, of one session
    std::size_t unanswered = 10'000;            ///< steps of one session whose error would be noticed
    std::size_t samples = 32;                   ///< of one statement's values
    std::size_t sample_bytes = 16U << 10U;      ///< of one of them
    std::size_t all_sample_bytes = 64U << 20U;
    std::size_t remembered_texts = 50'000;  ///< texts whose fingerprint is remembered
};

/// Finds the distinct statements of a capture. Feed it all events in their order, then take() once.
class StatementCollector {
public:
    /// Only sessions of `database`, if given.
    explicit StatementCollector(Bytes database = {}, CollectorLimits limits = {})
        : database_(std::move(database)), limits_(limits) {}

    void on_event(const Event& event);
    RecordedStatements take();

private:
    static constexpr std::uint32_t kBeyondLimit = 0xffffffff;
    static constexpr std::uint32_t kEmpty = 0xfffffffe;  ///< a text without a statement

    /// A prepared statement, or the portal made of it.
    struct Prepared {
        std::uint32_t entry = kEmpty;
        /// The text, when running it may change the search_path or make or drop temporary tables.
        std::shared_ptr<const Bytes> changes_session;
    };
    using Names = std::unordered_map<Bytes, Prepared>;

    /// A step that the server may answer with an error.
    struct Pending {
        Ordinal ordinal;
        std::uint32_t step = 0;
        std::uint32_t entry = kEmpty;
    };
    struct Session {
        explicit Session(std::size_t max_message) : reader(max_message) {}
        void on_statement(BytesView sql) {
            path.on_statement(sql);
            temps.on_statement(sql);
        }
        bool left_out = false;  ///< of another database
        Bytes user;
        catalog::SearchPath path;
        TempTables temps;
        Names statements;
        Names portals;
        pgwire::FrameReader reader;
        Ordinal ordinal;
        std::uint32_t next_step = 0;
        bool unreadable = false;  ///< the rest of this exchange
        std::deque<Pending> pending;
    };
    struct Shape {
        sql::Fingerprint fingerprint;
        Bytes literal_kinds;
        Bytes numbered_names;
    };

    Session* session(SessionId id);
    void identify(SessionId id, const SessionIdentity& identity);
    void on(const SessionOpened& event) { identify(event.session, event.identity); }
    void on(const SessionState& event);
    void on(const SessionClosed& event) { sessions_.erase(event.session.value()); }
    void on(const Request& event);
    void on(const Response& event);
    void on(const Gap& event);
    void on(const CatalogRecord& event);
    template <class Other>
    void on(const Other&) {}

    void on_frame(Session& session, const pgwire::FrameView& frame, Timestamp time);
    void on_parse(Session& session, const pgwire::ParseView& parse, Timestamp time);
    void on_bind(Session& session, const pgwire::BindView& bind, BytesView body);
    void on_execute(Session& session, Bytes portal, Timestamp time);
    void on_query(Session& session, BytesView text, Timestamp time);

    Prepared prepare(const Session& session, BytesView sql, std::vector<std::uint32_t> types, Timestamp time);
    std::uint32_t entry_of(const Session& session, BytesView sql, std::vector<std::uint32_t> types, Timestamp time);
    Shape shape_of(BytesView sql);
    void add_sample(RecordedStatement& statement, StatementSample sample);
    void ran(std::uint32_t entry, Timestamp time);
    void expect_answer(Session& session, std::uint32_t entry);
    void note_declared(const std::vector<std::uint32_t>& types);
    void set_name(Names& names, BytesView name, Prepared prepared) const;

    Bytes database_;
    CollectorLimits limits_;
    RecordedStatements found_;
    std::unordered_map<Bytes, std::uint32_t> entries_;  // by everything that makes a statement distinct
    std::size_t bytes_ = 0;
    std::size_t sample_bytes_ = 0;
    std::unordered_map<std::uint64_t, Session> sessions_;
    std::unordered_map<Bytes, Shape> shapes_;
    std::unordered_set<Bytes> unknown_names_;
    std::unordered_set<std::uint32_t> declared_;
    std::unordered_set<std::uint32_t> called_functions_;
    catalog::Catalog catalog_;
};

}  // namespace understudy::schema
