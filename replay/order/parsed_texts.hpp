#pragma once

#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/sql/access.hpp"

namespace understudy::replay {

/// An SQL text and what its statements do, as far as the text tells.
struct ParsedText {
    Bytes sql;
    bool parsed = false;  ///< false: the parser refused it, so it may do anything
    std::vector<sql::StatementAccess> statements;
};
using ParsedTextPtr = std::shared_ptr<const ParsedText>;

/// Parses each text once. Texts that differ in their constants alone are parsed once as well: the places of the
/// constants are found again by the lexer.
class ParsedTexts {
public:
    static constexpr std::size_t kMaxTexts = 20'000;
    static constexpr std::size_t kMaxBytes = 64U << 20U;

    /// `has_column`: see statement_accesses().
    explicit ParsedTexts(sql::ColumnLookup has_column = {}) : has_column_(std::move(has_column)) {}

    [[nodiscard]] ParsedTextPtr get(BytesView sql);
    [[nodiscard]] std::uint64_t parses() const { return parses_; }

private:
    void make_room(std::size_t bytes);

    sql::ColumnLookup has_column_;
    std::unordered_map<Bytes, ParsedTextPtr> texts_;
    std::unordered_map<Bytes, ParsedTextPtr> shapes_;  // by the text without its constants
    std::size_t bytes_ = 0;
    std::uint64_t parses_ = 0;
};

}  // namespace understudy::replay
