#include "core/sql/parser_guard.hpp"

#include <algorithm>
#include <vector>

#include "core/sql/lexer.hpp"

namespace understudy::sql {
namespace {

/// One open parenthesis, bracket or CASE. A segment is a list's element.
struct Level {
    bool is_case = false;
    bool between = false;     ///< a BETWEEN awaits its AND, which then separates nothing
    std::size_t chained = 0;  ///< JOIN, UNION ...: they nest across the segments
    std::size_t segment = 0;  ///< tokens of the open segment
    std::size_t inner = 0;    ///< the deepest level closed within the open segment
    std::size_t best = 0;     ///< the deepest closed segment

    void close_segment() {
        best = std::max(best, segment + inner);
        segment = 0;
        inner = 0;
        between = false;
    }
    [[nodiscard]] std::size_t depth() {
        close_segment();
        return chained + best;
    }
};

/// PostgreSQL's scanner matches a whole run of operator bytes, takes the first operator of it and begins
/// again: that is quadratic in the run's length.
constexpr std::size_t kMaxOperatorRun = 64;

class NestingBound {
public:
    void take(const Token& token) {
        if (token.kind == TokenKind::comment) return;
        take_run(token);
        const bool after_dot = after_dot_;
        after_dot_ = token.is('.');
        if (token.kind == TokenKind::punctuation) return punctuation(token);
        if (token.kind == TokenKind::word && !after_dot) return word(token);
        ++levels_.back().segment;
    }
    std::size_t finish() {
        while (levels_.size() > 1) close();
        best_ = std::max(best_, levels_.back().depth());
        return best_;
    }

private:
    void take_run(const Token& token) {
        const bool adjacent = token.offset == previous_end_;
        previous_end_ = token.end();
        if (token.kind != TokenKind::punctuation) {
            run_ = 0;
            return;
        }
        run_ = (adjacent ? run_ : 0) + (BytesView("()[],;").find(token.text[0]) == BytesView::npos ? 1 : 0);
        if (run_ > kMaxOperatorRun) best_ = kMaxNesting + 1;
    }
    void open(bool is_case) {
        ++levels_.back().segment;
        levels_.push_back(Level{.is_case = is_case});
    }
    void close() {
        const std::size_t depth = levels_.back().depth();
        levels_.pop_back();
        levels_.back().inner = std::max(levels_.back().inner, depth);
    }
    void punctuation(const Token& token) {
        if (token.is('(') || token.is('[')) return open(false);
        if (token.is(',')) return levels_.back().close_segment();
        if (token.is(')') || token.is(']')) {
            while (levels_.size() > 1 && levels_.back().is_case) close();
            if (levels_.size() > 1) close();
            return;
        }
        if (token.is(';') && levels_.size() == 1) {
            best_ = std::max(best_, levels_.back().depth());
            levels_.back() = Level{};
            return;
        }
        ++levels_.back().segment;
    }
    void word(const Token& token) {
        Level& level = levels_.back();
        if (is_word(token, "case")) return open(true);
        if (level.is_case && is_word(token, "end")) return close();
        if (level.is_case && is_word(token, "when")) return level.close_segment();
        if (is_word(token, "or") || (is_word(token, "and") && !level.between)) return level.close_segment();
        if (is_word(token, "and")) level.between = false;
        if (is_word(token, "between")) level.between = true;
        if (is_word(token, "join") || is_word(token, "union") || is_word(token, "intersect") ||
            is_word(token, "except")) {
            ++level.chained;
        }
        ++level.segment;
    }

    std::vector<Level> levels_{Level{}};
    std::size_t best_ = 0;
    bool after_dot_ = false;
    std::size_t run_ = 0;  ///< operators one after the other without a space
    std::size_t previous_end_ = 0;
};

constexpr std::size_t kPadding = 8;

std::ptrdiff_t offset_of(const Token& token) { return static_cast<std::ptrdiff_t>(token.offset); }

}  // namespace

std::size_t nesting_bound(BytesView sql) {
    NestingBound bound;
    for (const Token& token : Tokens(sql)) {
        bound.take(token);
    }
    return bound.finish();
}

bool parsable(BytesView sql) {
    return sql.size() <= kMaxParsedSql && sql.find('\0') == BytesView::npos &&
           // Fewer bytes cannot nest deeper.
           (sql.size() <= kMaxNesting || nesting_bound(sql) <= kMaxNesting);
}

Bytes parser_input(BytesView sql) {
    Bytes input(sql);
    if (sql.find("--") != BytesView::npos || sql.find("/*") != BytesView::npos) {
        for (const Token& token : Tokens(sql)) {
            if (token.kind == TokenKind::comment) std::fill_n(input.begin() + offset_of(token), token.text.size(), ' ');
        }
    }
    input.append(kPadding, '\0');
    return input;
}

}  // namespace understudy::sql
