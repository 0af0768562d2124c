#pragma once

#include <string>
#include <utility>
#include <vector>

#include "app/inspect/format.hpp"
#include "core/exchange/frame_scanner.hpp"
#include "core/model/event.hpp"

namespace understudy::app::inspect {

/// One message, or one step's answer, taken apart: names and values as text that does nothing to a terminal.
struct MessageItem {
    std::string name;
    std::vector<std::pair<std::string, std::string>> fields;
};

/// A message of the client (PostgreSQL docs, "Message Formats"). `types` are those of a Bind's parameters, as far as
/// known; values of other types are shown as they were sent. Only the name and the size of a message that does not
/// parse.
MessageItem item_of(const ScannedFrame& frame, const std::vector<std::uint32_t>& types);

/// A step's answer, but for its times: outcome, tag, columns, rows as far as they are kept, digests, error, notices.
MessageItem item_of(const StepResult& result);

}  // namespace understudy::app::inspect
