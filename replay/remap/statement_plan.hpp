#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/exchange/copy_fields.hpp"
#include "core/sql/access.hpp"
#include "replay/remap/remap_report.hpp"

namespace understudy::replay {

/// A value of a statement that is of a domain.
struct MappedValue {
    sql::ValueRef value;
    DomainId domain = 0;
    friend bool operator==(const MappedValue&, const MappedValue&) = default;
};
struct MappedParameter {
    DomainId domain = 0;  ///< 0: sent as it is
    bool array = false;
    friend bool operator==(const MappedParameter&, const MappedParameter&) = default;
};

/// What of a transaction's course a statement is, where its command tag does not say it all.
struct SavepointAct {
    enum class Kind : std::uint8_t { none, savepoint, release, rollback_to };
    Kind kind = Kind::none;
    Bytes name;
    friend bool operator==(const SavepointAct&, const SavepointAct&) = default;
};
SavepointAct savepoint_act(BytesView statement);

/// What remapping has to know of one statement.
struct StatementPlan {
    std::size_t begin = 0;  ///< in the text
    std::size_t end = 0;
    sql::StatementKind kind = sql::StatementKind::unknown;
    bool skip_locked = false;  ///< which rows come is a choice
    SavepointAct act;
    std::vector<MappedValue> literals;        ///< by offset
    std::vector<MappedParameter> parameters;  ///< $1 …; shorter where the rest is of no domain
    /// Columns of the answer (from 0) that nextval(), currval() or lastval() give; domain 0: what lastval() is of.
    std::vector<std::pair<std::size_t, DomainId>> sequence_outputs;
    DomainId inserts = 0;  ///< INSERT: what the table's own column generates
    std::optional<CopyLayout> copy;
    std::vector<DomainId> copy_fields;
    Bytes prepares;  ///< SQL's PREPARE: the name
    Bytes executes;  ///< SQL's EXECUTE: the name
    std::vector<std::optional<sql::ValueRef>> arguments;
};
struct TextPlan {
    Bytes sql;
    std::vector<StatementPlan> statements;
    bool may_change_path = false;  ///< a statement of it: catalog::SearchPath follows them
};
using TextPlanPtr = std::shared_ptr<const TextPlan>;

/// Whether a text can have to do with a domain at all: it names such a table, or a sequence function. Cheap.
bool may_concern(BytesView sql, const IdentityDomains& domains);

/// The plan of a text whose accesses are known. Values tied to several domains are left out, and counted.
TextPlan plan_text(BytesView sql, const std::vector<sql::StatementAccess>& accesses, const IdentityDomains& domains,
                   const std::vector<Bytes>& search_path, RemapCounts& counts);

/// sql::statement_accesses, or a test's; with the schemas that names without one mean.
using AccessReader = std::function<std::optional<std::vector<sql::StatementAccess>>(
    BytesView sql, const std::vector<Bytes>& search_path)>;

/// Plans by text, for all sessions. Thread-safe. Memory: kMaxBytes of texts, those not used for longest are dropped.
class PlanCache {
public:
    static constexpr std::size_t kMaxBytes = std::size_t{64} << 20U;
    static constexpr std::size_t kMaxText = 256U << 10U;  ///< longer ones are not kept

    PlanCache(const IdentityDomains& domains, AccessReader read, RemapCounts& counts)
        : domains_(domains), read_(std::move(read)), counts_(counts) {}

    /// nullptr: nothing to do for that text.
    TextPlanPtr plan(BytesView sql, const std::vector<Bytes>& search_path);

private:
    struct Entry {
        Bytes key;
        TextPlanPtr plan;
    };
    [[nodiscard]] TextPlanPtr make(BytesView sql, const std::vector<Bytes>& search_path) const;

    const IdentityDomains& domains_;
    AccessReader read_;
    RemapCounts& counts_;
    std::mutex mutex_;
    std::list<Entry> entries_;  // the one used last first
    std::unordered_map<BytesView, std::list<Entry>::iterator> by_key_;
    std::size_t bytes_ = 0;
};

}  // namespace understudy::replay
