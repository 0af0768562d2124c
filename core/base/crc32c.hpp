#pragma once

#include <cstdint>

#include "core/base/bytes.hpp"

namespace understudy {

/// CRC-32C (Castagnoli, RFC 3720 appendix B.4) of `bytes`. In hardware where the processor has SSE 4.2.
/// Pass an earlier result as `seed` to go on with the next piece.
std::uint32_t crc32c(BytesView bytes, std::uint32_t seed = 0);

}  // namespace understudy
