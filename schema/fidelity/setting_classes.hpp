#pragma once

#include <vector>

#include "core/base/bytes.hpp"

namespace understudy::schema::fidelity {

/// What a configuration parameter decides (PostgreSQL docs, "Server Configuration").
enum class SettingClass : std::uint8_t {
    result,       ///< what statements answer, or whether they fail
    timeout,      ///< when the server gives up
    replication,  ///< what is sent elsewhere, and what waits for it
    limit,        ///< how many there may be
    module,       ///< which libraries are loaded
    speed,        ///< memory, costs, parallelism, maintenance
    unknown,      ///< a parameter that this program does not know
    ignored,      ///< logs, places, names
};

/// By name, with or without a dot: parameters of extensions count as results, but for a few that only observe.
SettingClass class_of_setting(BytesView name);

/// The parameters that are read from a server, besides those with a dot in their names: all but the ignored ones.
std::vector<Bytes> known_settings();

}  // namespace understudy::schema::fidelity
