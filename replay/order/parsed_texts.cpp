#include "replay/order/parsed_texts.hpp"

#include <algorithm>
#include <optional>

#include "core/sql/lexer.hpp"

namespace understudy::replay {
namespace {

/// The text with each constant replaced by a mark of its kind, and where they stood.
struct Shape {
    Bytes text;
    std::vector<std::pair<std::size_t, std::size_t>> constants;  // offset, length
};

Shape shape_of(BytesView sql) {
    Shape shape;
    std::size_t copied = 0;
    for (const sql::Token& token : sql::Tokens(sql)) {
        if (!sql::is_constant(token.kind)) continue;
        shape.text += sql.substr(copied, token.offset - copied);
        shape.text += '\0';
        shape.text += static_cast<char>('0' + static_cast<int>(token.kind));
        shape.constants.emplace_back(token.offset, token.text.size());
        copied = token.end();
    }
    shape.text += sql.substr(copied);
    return shape;
}

/// Moves the places in a statement of one text to those in another of the same shape.
class Mover {
public:
    Mover(const Shape& from, const Shape& to) : from_(from), to_(to) {}

    /// A place between constants, or the beginning of one.
    [[nodiscard]] std::size_t moved(std::size_t offset) const {
        const auto next =
            std::lower_bound(from_.constants.begin(), from_.constants.end(), std::pair(offset, std::size_t{0}));
        if (next == from_.constants.begin()) return offset;
        const auto index = static_cast<std::size_t>(next - from_.constants.begin()) - 1;
        const auto& before = from_.constants[index];
        const auto& there = to_.constants[index];
        return there.first + there.second + (offset - (before.first + before.second));
    }
    void move(sql::ValueRef& ref) const {
        const std::size_t end = ref.offset + ref.length;
        ref.offset = moved(ref.offset);
        ref.length = moved(end) - ref.offset;
    }
    void move(std::optional<sql::ValueRef>& ref) const {
        if (ref) move(*ref);
    }
    void move(std::vector<sql::ColumnValues>& columns) const {
        for (sql::ColumnValues& column : columns) {
            for (sql::ValueRef& ref : column.values) move(ref);
        }
    }
    void move(sql::StatementAccess& statement) const {
        statement.begin = moved(statement.begin);
        statement.end = moved(statement.end);
        for (sql::RelationAccess& access : statement.relations) {
            move(access.equal);
            for (auto& row : access.rows) move(row);
        }
        for (sql::ValueTie& tie : statement.ties) move(tie.value);
        for (sql::FunctionUse& call : statement.functions) {
            for (auto& argument : call.arguments) move(argument);
        }
        for (auto& argument : statement.arguments) move(argument);
    }

private:
    const Shape& from_;
    const Shape& to_;
};

}  // namespace

ParsedTextPtr ParsedTexts::get(BytesView sql) {
    Bytes key(sql);
    if (const auto found = texts_.find(key); found != texts_.end()) return found->second;
    make_room(sql.size());
    auto text = std::make_shared<ParsedText>();
    text->sql = key;
    Shape shape = shape_of(sql);
    const auto same = shape.constants.empty() ? shapes_.end() : shapes_.find(shape.text);
    if (same != shapes_.end()) {
        const Shape known = shape_of(same->second->sql);
        text->parsed = same->second->parsed;
        text->statements = same->second->statements;
        const Mover mover(known, shape);
        for (sql::StatementAccess& statement : text->statements) mover.move(statement);
        return text;  // not kept: it will hardly come again
    }
    ++parses_;
    if (auto statements = sql::statement_accesses(sql, has_column_)) {
        text->parsed = true;
        text->statements = std::move(*statements);
    }
    bytes_ += 2 * sql.size() + 1024;
    // SET default_transaction_isolation = '…': there a constant says what the statement does.
    const bool says_more = std::any_of(text->statements.begin(), text->statements.end(),
                                       [](const auto& one) { return one.isolation != sql::Isolation::unsaid; });
    if (!shape.constants.empty() && !says_more) {
        shapes_.emplace(std::move(shape.text), text);
    } else {
        texts_.emplace(std::move(key), text);
    }
    return text;
}

void ParsedTexts::make_room(std::size_t bytes) {
    if (texts_.size() + shapes_.size() < kMaxTexts && bytes_ + bytes < kMaxBytes) return;
    texts_.clear();
    shapes_.clear();
    bytes_ = 0;
}

}  // namespace understudy::replay
