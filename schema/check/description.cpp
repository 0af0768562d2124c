#include "schema/check/description.hpp"

#include <fmt/format.h>

#include "core/pgwire/value.hpp"
#include "schema/check/server_trouble.hpp"

namespace understudy::schema {

bool is_trouble(const std::optional<Refusal>& refusal) {
    if (!refusal) return false;
    const BytesView code = refusal->sqlstate;
    return code.starts_with("53") || code.starts_with("57") || code.starts_with("58") || code.starts_with("40") ||
           code == "55P03" || code == "25006" || code == "25P02";
}

Bytes type_name(const TypeNames& names, std::uint32_t oid) {
    if (const BytesView builtin = pgwire::builtin_type_name(oid); !builtin.empty()) return Bytes(builtin);
    const auto found = names.find(oid);
    return found != names.end() ? found->second : fmt::format("oid {}", oid);
}

Bytes type_name_with_modifier(const TypeNames& names, std::uint32_t oid, std::int32_t modifier) {
    constexpr std::int32_t kHeader = 4;  // VARHDRSZ, which bpchar, varchar and numeric add to theirs
    const Bytes name = type_name(names, oid);
    if (modifier < kHeader) return modifier < 0 ? name : fmt::format("{}({})", name, modifier);
    if (name == "character varying" || name == "character") return fmt::format("{}({})", name, modifier - kHeader);
    if (name == "numeric") {
        const std::int32_t packed = modifier - kHeader;
        return fmt::format("numeric({},{})", packed >> 16, packed & 0x7ff);
    }
    return fmt::format("{}({})", name, modifier);
}

}  // namespace understudy::schema
