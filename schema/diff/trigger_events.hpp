#pragma once

#include <optional>
#include <set>

#include "core/base/bytes.hpp"

namespace understudy::schema {

/// What a trigger is run for (PostgreSQL docs, CREATE TRIGGER).
struct TriggerEvents {
    bool insert = false;
    bool update = false;
    bool remove = false;  ///< DELETE
    bool truncate = false;
    std::set<Bytes> update_of;  ///< empty: of any column
    friend bool operator==(const TriggerEvents&, const TriggerEvents&) = default;
};

/// Of a definition as pg_get_triggerdef() writes it. Nothing when it is none.
std::optional<TriggerEvents> trigger_events(BytesView definition);

}  // namespace understudy::schema
