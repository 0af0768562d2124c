#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "core/base/bytes.hpp"

namespace understudy::sql {

/// One reference to a column or variable, as it is written: a.b.c, or a.b.* with `star`. Names folded.
struct NameReference {
    std::vector<Bytes> names;
    bool star = false;
};

/// What stands for it: SQL of the same type that needs no variable ("(null::integer)"), in place of the first `names` of
/// its names.
struct Stand {
    Bytes sql;
    std::size_t names = 1;
    bool unknown = false;  ///< it is a variable whose type cannot be told
};

/// `sql`, one statement, with what `stand_for` gives in place of references (nothing: it is a column, and stays), and
/// what `parameter` gives in place of `$n`. Both are asked in the order of the text. Nothing if the parser refuses the text
/// or a type cannot be told. Thread-safe as both are.
std::optional<Bytes> with_typed_variables(BytesView sql,
                                          const std::function<std::optional<Stand>(const NameReference&)>& stand_for,
                                          const std::function<std::optional<Bytes>(std::uint32_t)>& parameter);

}  // namespace understudy::sql
