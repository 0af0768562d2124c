#pragma once

#include <cstdint>
#include <vector>

#include "core/catalog/snapshot/snapshot.hpp"

namespace understudy::catalog {

/// What a change does to statements that ran before it, worst first.
enum class ChangeClass : std::uint8_t {
    breaks_readers,  ///< statements that read fail
    breaks_writers,  ///< statements that write fail
    privilege,       ///< statements fail for want of a privilege, or see fewer or more rows than they may
    behaviour,       ///< no error, but other answers, other effects, or far slower
    compatible,      ///< nothing that a statement notices
};
/// "breaks readers" …
BytesView to_string(ChangeClass of);

/// One thing that a change can do, and why: a sentence, with the SQLSTATE where there is one.
struct Effect {
    ChangeClass what = ChangeClass::compatible;
    Bytes why;
    friend bool operator==(const Effect&, const Effect&) = default;
};

enum class ChangeKind : std::uint8_t { added, removed, changed };

/// An object that one side has alone, or one property of it that differs.
struct ObjectChange {
    ChangeKind kind = ChangeKind::changed;
    ObjectIdentity identity;
    Bytes property;  ///< of ChangeKind::changed; "column order" for columns that changed places
    Bytes before;    ///< its text; of a removed object what it was, in short; empty where it is the default
    Bytes after;
    PropertyList gone;            ///< of a list: the items that are no longer there
    PropertyList come;            ///< those that are new
    Bytes perhaps_renamed_to;     ///< of a removed object: a new one is just like it. A guess
    Bytes perhaps_renamed_from;   ///< of an added one
    std::vector<Effect> effects;  ///< at least one, worst first

    /// The worst.
    [[nodiscard]] ChangeClass worst() const { return effects.front().what; }
    friend bool operator==(const ObjectChange&, const ObjectChange&) = default;
};

/// What is other in `after`, classed by what PostgreSQL does (docs/schema.md has the rules). What belongs to a relation
/// that is new or gone is not said again, nor is the index of a constraint. Sorted by class, then by identity.
std::vector<ObjectChange> schema_diff(const Snapshot& before, const Snapshot& after);

/// "column discount of orders", "function f(integer)": with its schema unless that is public.
Bytes shown(const ObjectIdentity& identity);
/// What changed, in a line: "column discount of orders is gone", "default of column x of t: 1 → 2".
Bytes in_words(const ObjectChange& change);

}  // namespace understudy::catalog
