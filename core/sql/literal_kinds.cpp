#include "core/sql/literal_kinds.hpp"

#include <optional>
#include <vector>

#include "core/sql/lexer.hpp"

namespace understudy::sql {
namespace {

std::optional<char> kind_of(const Token& token) {
    switch (token.kind) {
        case TokenKind::integer: return 'i';
        case TokenKind::numeric: return 'f';
        case TokenKind::string:
        case TokenKind::dollar_string: return 's';
        case TokenKind::bit_string: return 'b';
        case TokenKind::parameter: return 'p';
        case TokenKind::word:
            if (is_word(token, "true") || is_word(token, "false")) return 't';
            if (is_word(token, "null")) return 'n';
            return std::nullopt;
        default: return std::nullopt;
    }
}

/// A parenthesis or bracket: where its kinds begin, and the previous list of the same parent.
struct Group {
    std::size_t begin = 0;
    bool constants_only = true;
    std::optional<std::size_t> sibling;  ///< where the group before this one began, if only a comma stands between
};

class Kinds {
public:
    void take(const Token& token) {
        if (token.kind == TokenKind::comment) return;
        if (token.is('(') || token.is('[')) return open();
        if (token.is(')') || token.is(']')) return close();
        Group& group = groups_.back();
        if (token.is(',')) return;
        group.sibling.reset();
        if (const auto kind = kind_of(token)) {
            kinds_ += *kind;
        } else if (!token.is('-') && !token.is('+')) {
            group.constants_only = false;
        }
    }
    [[nodiscard]] const Bytes& kinds() const { return kinds_; }

private:
    void open() {
        groups_.back().constants_only = false;
        groups_.push_back(Group{kinds_.size(), true, std::nullopt});
    }
    void close() {
        if (groups_.size() == 1) return;
        const Group closed = groups_.back();
        groups_.pop_back();
        const std::size_t begin = closed.begin;
        const BytesView own = BytesView(kinds_).substr(begin);
        if (closed.constants_only && own.size() > 1 && own.find_first_not_of(own[0]) == BytesView::npos) {
            kinds_.resize(begin + 1);
        }
        Group& parent = groups_.back();
        if (parent.sibling && *parent.sibling < begin &&
            BytesView(kinds_).substr(*parent.sibling, begin - *parent.sibling) == BytesView(kinds_).substr(begin)) {
            kinds_.resize(begin);
        } else {
            parent.sibling = begin;
        }
    }

    Bytes kinds_;
    std::vector<Group> groups_{Group{}};
};

}  // namespace

Bytes literal_kinds(BytesView sql) {
    Kinds kinds;
    for (const Token& token : Tokens(sql)) {
        kinds.take(token);
    }
    return kinds.kinds();
}

}  // namespace understudy::sql
