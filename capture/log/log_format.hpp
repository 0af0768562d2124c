#pragma once

#include <string_view>

#include "capture/log/log_entry.hpp"

namespace understudy::capture {

/// "csvlog", "jsonlog", "stderr", as log_destination has them.
std::string_view to_string(LogFormat format);

/// The format of a log that begins so, by the first line that is like one of csvlog or jsonlog; otherwise stderr.
LogFormat log_format_of(BytesView beginning);

}  // namespace understudy::capture
