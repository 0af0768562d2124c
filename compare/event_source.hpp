#pragma once

#include <functional>
#include <optional>
#include <string>

#include "core/model/event.hpp"
#include "core/store/capture_reader.hpp"

namespace understudy::compare {

/// A capture's events, from the front; core/store's reader behind it, or a test's vector.
class EventSource {
public:
    virtual ~EventSource() = default;
    [[nodiscard]] virtual const CaptureHeader& header() const = 0;
    [[nodiscard]] virtual std::string name() const = 0;
    /// An event, nothing at the end, or an error (Errc::io …) that ends the comparison.
    virtual Result<std::optional<Event>> next() = 0;
    /// Events of sessions that are not `wanted` may be left out from now on, since their reader would drop them.
    virtual void take_only(std::function<bool(SessionId)> /*wanted*/) {}
    /// Known once the end is reached.
    [[nodiscard]] virtual store::Damage damage() const = 0;
};

}  // namespace understudy::compare
