#include "core/sql/table_lock.hpp"

#include <array>

namespace understudy::sql {
namespace {

struct Mode {
    std::string_view name;
    std::string_view in_pg_locks;
    /// Bit n: conflicts with mode n.
    std::uint16_t conflicts;
};

constexpr std::uint16_t bits(unsigned first) {  // modes from `first` to the strongest
    return static_cast<std::uint16_t>(0x1FFU & ~((1U << first) - 1U));
}

constexpr std::array<Mode, 9> kModes = {{
    {"no lock", "", 0},
    {"ACCESS SHARE", "AccessShareLock", bits(8)},
    {"ROW SHARE", "RowShareLock", bits(7)},
    {"ROW EXCLUSIVE", "RowExclusiveLock", bits(5)},
    {"SHARE UPDATE EXCLUSIVE", "ShareUpdateExclusiveLock", bits(4)},
    {"SHARE", "ShareLock", bits(3) & ~(1U << 5U)},
    {"SHARE ROW EXCLUSIVE", "ShareRowExclusiveLock", bits(3)},
    {"EXCLUSIVE", "ExclusiveLock", bits(2)},
    {"ACCESS EXCLUSIVE", "AccessExclusiveLock", bits(1)},
}};

const Mode& mode_of(TableLock lock) { return kModes[static_cast<std::size_t>(lock)]; }

}  // namespace

std::string_view to_string(TableLock lock) { return mode_of(lock).name; }

std::optional<TableLock> table_lock_of_mode(std::string_view mode) {
    for (std::size_t i = 1; i < kModes.size(); ++i) {
        if (kModes[i].in_pg_locks == mode) return static_cast<TableLock>(i);
    }
    return std::nullopt;
}

bool conflict(TableLock a, TableLock b) {
    return ((static_cast<unsigned>(mode_of(a).conflicts) >> static_cast<unsigned>(b)) & 1U) != 0;
}

}  // namespace understudy::sql
