#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "core/base/bytes.hpp"

namespace understudy::sql {

/// A statement's shape: constants, parameters and the lengths of lists of them removed. Two texts of one
/// fingerprint are the same query with other values. Stable over runs and machines.
struct Fingerprint {
    std::uint64_t value = 0;
    /// Computed from tokens, since the parser (PostgreSQL 15's grammar) does not know the syntax. Then the
    /// letter case of keywords, white space and comments are ignored, but equivalent spellings are not seen.
    bool lexical = false;

    /// Sixteen hexadecimal digits.
    [[nodiscard]] std::string hex() const;

    friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
};

/// Never fails, whatever the bytes. Thread-safe.
Fingerprint fingerprint(BytesView sql);

/// The text with its constants as $n (numbered after the highest parameter in it), comments dropped, white
/// space collapsed and the final semicolon removed. String constants never remain, in no statement. Never
/// fails. Thread-safe.
Bytes normalise(BytesView sql);

}  // namespace understudy::sql

template <>
struct std::hash<understudy::sql::Fingerprint> {
    std::size_t operator()(const understudy::sql::Fingerprint& fingerprint) const noexcept {
        return static_cast<std::size_t>(fingerprint.value);
    }
};
