#pragma once

#include <optional>
#include <set>

#include "schema/hazard/hazard.hpp"

namespace understudy::schema::hazard {

/// Goes through a script once and remembers what its transactions hold. For judge_hazards() alone.
class Judge {
public:
    Judge(const SchemaFacts& facts, const Traffic& traffic, TransactionMode mode, HazardReport& out)
        : facts_(facts), traffic_(traffic), mode_(mode), out_(out) {}

    void take(std::size_t index, const ScriptStatement& statement);
    /// The end of a file: of its transaction, too.
    void end_of_file();

private:
    using Actions = std::vector<sql::DdlAction>;

    /// A lock of the transaction that is open.
    struct Held {
        LockEffect effect;
        std::size_t statement = 0;
        std::uint32_t line = 0;
    };

    // judge.cpp: the order of things
    void transaction_control(const Actions& actions);
    void settings(const Actions& actions);
    void end_transaction();
    [[nodiscard]] bool in_transaction() const { return mode_ == TransactionMode::whole_file || begun_; }
    Hazard& add(HazardKind kind, HazardSeverity severity);
    Hazard& add(HazardKind kind, HazardSeverity severity, const sql::RelationName& relation);
    void remember_created(const Actions& actions);

    // judge_locks.cpp: what waits for whom
    void locks(const Actions& actions, BytesView text);
    void lock_hazard(const sql::DdlAction& action, const LockEffect& effect, std::size_t descendants);
    void held_together();
    void lock_timeout(const LockEffect& effect);

    // judge_statements.cpp: what a statement does besides
    void outside_transaction(const Actions& actions);
    void enum_values(const Actions& actions, BytesView text);
    void new_columns(const Actions& actions);
    void backfill(const Actions& actions);
    void index_remains(const sql::DdlAction& action);
    void in_use(const sql::DdlAction& action);
    void dropped_with(const sql::DdlAction& action);
    void unseen(const Actions& actions);

    const SchemaFacts& facts_;
    const Traffic& traffic_;
    TransactionMode mode_;
    HazardReport& out_;

    std::size_t index_ = 0;
    const ScriptStatement* statement_ = nullptr;
    bool begun_ = false;  ///< by BEGIN in the text
    bool timeout_ = false;
    bool local_timeout_ = false;
    bool timeout_said_ = false;
    bool parts_said_ = false;
    std::size_t in_file_ = 0;  ///< statements of this file so far
    std::vector<Held> held_;
    std::vector<Bytes> new_labels_;        ///< of ADD VALUE, in this transaction
    std::set<sql::RelationName> created_;  ///< by this migration, as written
};

}  // namespace understudy::schema::hazard
