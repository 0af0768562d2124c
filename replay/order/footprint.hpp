#pragma once

#include <functional>
#include <optional>
#include <unordered_map>
#include <vector>

#include "core/catalog/catalog.hpp"
#include "core/model/step.hpp"
#include "core/sql/access.hpp"
#include "replay/order/given_values.hpp"
#include "replay/order/relation_map.hpp"
#include "replay/order/row_access.hpp"

namespace understudy::replay {

/// What one statement, with its values, does to rows.
struct Footprint {
    std::vector<RowAccess> rows;
    bool opaque = false;  ///< it may do anything to anything
    bool effect = false;  ///< it takes locks or writes: its place is where it was answered, not where it was asked

    void add(RowAccess&& access) {
        effect = effect || access.writes || access.lock != sql::RowLock::none;
        rows.push_back(std::move(access));
    }
};

/// Turns the accesses of a statement's text into footprints.
class FootprintMaker {
public:
    static constexpr std::size_t kMaxRows = 1000;        ///< of one INSERT; more count as any row
    static constexpr std::size_t kMaxAlternatives = 64;  ///< of an IN; more count as any row

    /// `harmless`: volatile functions that the user says touch nothing. `relations` and `digester` must outlive it.
    FootprintMaker(const catalog::Catalog& catalog, RelationMap& relations, const Digester& digester,
                   const std::vector<Bytes>& harmless);

    [[nodiscard]] Footprint make(const sql::StatementAccess& statement, const GivenValues& given);
    /// Adds the generated keys that an INSERT … RETURNING answered.
    void add_returned_keys(Footprint& footprint, const StepResult& result) const;
    /// Functions that may do anything, as far as they were met, with how often.
    [[nodiscard]] const std::unordered_map<Bytes, std::uint64_t>& unknown_functions() const {
        return unknown_functions_;
    }

private:
    struct FunctionFacts {
        bool opaque = false;
        std::vector<RowTouch> touches;
    };
    /// The hashes that a column may have; nothing: not known.
    using ValuesOf = std::function<std::optional<std::vector<std::uint64_t>>(const Bytes& column, std::uint32_t type)>;

    void add_access(const sql::StatementAccess& statement, const sql::RelationAccess& access, RelationIndex relation,
                    const GivenValues& given, Footprint& out);
    void add_inserted(const sql::RelationAccess& access, RelationIndex relation, const GivenValues& given,
                      Footprint& out) const;
    void add_inserted_row(const sql::RelationAccess& access, RelationIndex relation, const ValuesOf& values,
                          Footprint& out) const;
    void add_parents(const RelationInfo& info, const ValuesOf& values, Footprint& out) const;
    void add_indirect(const sql::RelationAccess& access, const RelationInfo& info, Footprint& out) const;
    void add_children(const RelationInfo& info, std::vector<RelationIndex>& seen, Footprint& out) const;
    void add_touches(sql::AccessKind kind, const RelationInfo& info, const ValuesOf& values, Footprint& out) const;
    void add_function(const sql::FunctionUse& call, const GivenValues& given, Footprint& out);
    [[nodiscard]] bool add_advisory(const sql::FunctionUse& call, const GivenValues& given, Footprint& out) const;

    RelationMap& relations_;
    const Digester& digester_;
    std::unordered_map<Bytes, FunctionFacts> functions_;
    std::unordered_map<Bytes, std::uint64_t> unknown_functions_;
};

}  // namespace understudy::replay
