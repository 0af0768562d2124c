#pragma once

#include <set>
#include <utility>

#include "core/base/bytes.hpp"

namespace understudy::catalog {

/// The identifiers that stand in a text of SQL, and nothing of what they mean there.
struct NamesInText {
    std::set<Bytes> words;                        ///< each identifier and keyword
    std::set<std::pair<Bytes, Bytes>> qualified;  ///< each two that a dot joins: schema and name, or table and column
    /// An identifier is written with Unicode escapes (U&"\0061"), or strings nest too deep: names may be missing.
    bool incomplete = false;
};

/// Finds the names, those within string constants too (`nextval('public.s'::regclass)`, bodies of DO). Folded and cut
/// to 63 bytes as the server does it (PostgreSQL docs, "Identifiers and Key Words"); letters beyond ASCII are not
/// folded, as in every multibyte encoding.
NamesInText names_in_text(BytesView text);

}  // namespace understudy::catalog
