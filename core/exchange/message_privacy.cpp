#include "core/exchange/message_privacy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace understudy {
namespace {

Bytes digest_text(BytesView text, const Digester& digester) {
    return fmt::format("digest:{:016x}", digester.bytes(text));
}

bool quotes_only_names(BytesView sqlstate) {
    constexpr std::array<BytesView, 9> kClasses{"42", "23", "25", "26", "28", "3D", "3F", "40", "55"};
    const BytesView state_class = sqlstate.substr(0, 2);
    return std::find(kClasses.begin(), kClasses.end(), state_class) != kClasses.end();
}

/// `invalid input syntax for type integer: "4711x"` → `… integer: "digest:…"`. From the first quote to the last:
/// PostgreSQL does not escape quotes inside a value, so what stands between two quoted parts may be a part of one.
Bytes digest_quoted_parts(BytesView text, const Digester& digester) {
    const std::size_t open = text.find('"');
    if (open == BytesView::npos) return Bytes(text);
    const std::size_t close = text.rfind('"');
    if (close == open) return Bytes(text.substr(0, open)) + digest_text(text.substr(open), digester);
    const Bytes hidden = digest_text(text.substr(open + 1, close - open - 1), digester);
    return Bytes(text.substr(0, open + 1)).append(hidden).append(text.substr(close));
}

}  // namespace

ServerMessage without_user_data(ServerMessage message, bool is_notice, const Digester& digester, bool statement_too) {
    const Bytes sqlstate(message.sqlstate());
    const bool free_text = is_notice || sqlstate.starts_with("P0") ||
                           message.get('R') == "exec_stmt_raise";  // RAISE with an SQLSTATE of its own choice
    const bool names_only = quotes_only_names(sqlstate) && !(statement_too && sqlstate == "42601");
    for (auto& [letter, value] : message.fields) {
        switch (letter) {
            case 'D':  // detail
            case 'W':  // context
            case 'q':  // internal query
                value = digest_text(value, digester);
                break;
            case 'M':
            case 'H':
                if (free_text) {
                    value = digest_text(value, digester);
                } else if (!names_only) {
                    value = digest_quoted_parts(value, digester);
                }
                break;
            default: break;
        }
    }
    return message;
}

}  // namespace understudy
