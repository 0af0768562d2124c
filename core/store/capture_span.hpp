#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/time.hpp"

namespace understudy::store {

/// How long captures are, as the headers of their chunks tell; damage ends the look at a file, and is no error here.
struct CaptureSpan {
    Timestamp first;  ///< unknown where there are no chunks
    Timestamp last;
    std::uint64_t chunks = 0;  ///< of all files
};

/// Looks at the chunk headers of the files, without their payloads (a seek for each 256 KiB). Errors: Errc::io where a
/// file cannot be opened.
Result<CaptureSpan> capture_span(const std::vector<std::string>& files);

}  // namespace understudy::store
