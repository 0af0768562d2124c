#include <fmt/format.h>

#include <algorithm>

#include "schema/fidelity/difference.hpp"

namespace understudy::schema::fidelity {
namespace {

Bytes listed(const std::vector<Bytes>& items) {
    Bytes text;
    for (const Bytes& item : items) text += (text.empty() ? "" : ", ") + item;
    return text;
}

}  // namespace

void compare_roles(const Environment& production, const Environment& staging, const std::vector<Bytes>& recorded,
                   DifferenceList& out) {
    const auto is_recorded = [&](const Bytes& name) {
        return std::find(recorded.begin(), recorded.end(), name) != recorded.end();
    };
    walk(
        production.roles, staging.roles, [](const RoleFact& role) { return role.name; },
        [&](const RoleFact& a, const RoleFact& b) {
            out.count_compared(2);
            const Bytes role = "role " + a.name;
            if (a.traits != b.traits) {
                out.add(DifferenceClass::gate, "roles", role, listed(a.traits), listed(b.traits));
            }
            if (a.member_of != b.member_of) {
                out.add(DifferenceClass::gate, "roles", "memberships of " + role, listed(a.member_of),
                        listed(b.member_of));
            }
        },
        [&](const RoleFact& a) {
            const bool used = is_recorded(a.name);
            out.add(used ? DifferenceClass::gate : DifferenceClass::warning, "roles", "role " + a.name, "there", {},
                    fmt::format("role {} is in production only{}", a.name,
                                used ? ", and the capture has sessions of it" : ""));
        },
        [&](const RoleFact& b) {
            out.add(DifferenceClass::note, "roles", "role " + b.name, {}, "there",
                    fmt::format("role {} is on staging only", b.name));
        });
}

}  // namespace understudy::schema::fidelity
