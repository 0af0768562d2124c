#pragma once

#include "core/base/bytes.hpp"

namespace understudy::sql {

/// The kinds of a statement's constants in order: i integer, f numeric, s string, b bit string, p parameter,
/// t TRUE or FALSE, n NULL. `code = 1` and `code = '1'` share a fingerprint, and a change of the column's
/// type breaks one of them only. A parenthesised list of constants of one kind counts once, and so do equal
/// rows one after the other, so that the length of an IN list makes no difference. Never fails. Thread-safe.
Bytes literal_kinds(BytesView sql);

}  // namespace understudy::sql
