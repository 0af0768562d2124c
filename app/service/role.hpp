#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace understudy::app::service {

/// What a token may do; each includes those before it. `none` is who has no token.
enum class Role : std::uint8_t {
    none,   ///< /healthz, /readyz and the empty page
    view,   ///< read runs, reports, trends, schedules, and follow a rehearsal
    run,    ///< start and stop rehearsals
    admin,  ///< set schedules, accept findings, read the audit log
};

constexpr std::string_view to_string(Role role) {
    switch (role) {
        case Role::none: return "none";
        case Role::view: return "view";
        case Role::run: return "run";
        case Role::admin: return "admin";
    }
    return "none";
}

/// The three that a token can have.
constexpr std::optional<Role> parse_role(std::string_view text) {
    for (const Role role : {Role::view, Role::run, Role::admin}) {
        if (text == to_string(role)) return role;
    }
    return std::nullopt;
}

constexpr bool allows(Role has, Role needs) { return static_cast<int>(has) >= static_cast<int>(needs); }

}  // namespace understudy::app::service
