#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "compare/part/part_codec.hpp"

/// A part of a comparison from another machine: whatever it is, it is read or refused, and what is read can be written,
/// read again as the same, and judged.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace understudy::compare;
    const auto part = parse_part(std::string_view(reinterpret_cast<const char*>(data), size));
    if (!part) return 0;
    const auto again = parse_part(to_text(*part));
    if (!again || to_text(*again) != to_text(*part)) std::abort();
    static_cast<void>(report_of(*part, {}));
    return 0;
}
