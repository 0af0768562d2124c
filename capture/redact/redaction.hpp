#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "capture/redact/rules.hpp"
#include "core/catalog/catalog.hpp"
#include "core/exchange/redaction_token.hpp"
#include "core/sql/value_places.hpp"

namespace understudy::capture {

/// What all sessions of a capture redact by: rules, tokens and, if there is one, the catalogue. One thread.
class Redaction {
public:
    /// `counters` are the capture's; `catalog` (or nullptr) and they must outlive this.
    Redaction(RedactionRules rules, const DigestKey& key, const catalog::Catalog* catalog,
              std::map<std::string, std::uint64_t>& counters)
        : rules_(std::move(rules)), tokens_(key), catalog_(catalog), counters_(counters) {}
    virtual ~Redaction() = default;
    Redaction(const Redaction&) = delete;
    Redaction& operator=(const Redaction&) = delete;

    [[nodiscard]] const RedactionRules& rules() const { return rules_; }
    [[nodiscard]] const RedactionTokens& tokens() const { return tokens_; }
    void count(const char* name, std::uint64_t by = 1) const { counters_[name] += by; }

    /// Whether values of that column are to be hidden. Where the catalogue would be needed to know and does not say,
    /// they are if a rule can mean the table.
    [[nodiscard]] bool hides(const sql::ColumnUse& use) const;
    /// Whether any of them is.
    [[nodiscard]] bool hides(const std::vector<sql::ColumnUse>& uses) const;
    /// Of a result's column: 1 yes, 0 no, -1 the catalogue does not know it.
    [[nodiscard]] int hides_origin(std::uint32_t table_oid, std::int16_t attribute) const;
    /// The columns of a table in their order; empty if the catalogue does not say.
    [[nodiscard]] std::vector<sql::ColumnUse> columns_of(const Bytes& schema, const Bytes& table) const;
    /// The type of the column, below its domains; 0 if the catalogue does not say.
    [[nodiscard]] std::uint32_t type_of(const sql::ColumnUse& use) const;

private:
    [[nodiscard]] const catalog::Relation* find_table(BytesView schema, BytesView table) const;

    RedactionRules rules_;
    RedactionTokens tokens_;
    const catalog::Catalog* catalog_;
    std::map<std::string, std::uint64_t>& counters_;
};

/// Makes the redaction of a source, whose counters it uses. Nothing: no redaction.
using RedactionMaker = std::function<std::unique_ptr<Redaction>(std::map<std::string, std::uint64_t>& counters)>;

}  // namespace understudy::capture
