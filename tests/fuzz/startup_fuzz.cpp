// A start-up packet of the length that was announced decodes or is refused; what decodes is encoded to the
// same bytes.

#include <cstdint>

#include "core/pgwire/startup.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace understudy;
    using namespace understudy::pgwire;
    const BytesView input(reinterpret_cast<const char*>(data), size);
    std::size_t length = 0;
    const StartupStatus status = startup_packet_length(input, length);
    if (status == StartupStatus::complete) {
        UNDERSTUDY_ASSERT(length >= 8 && length <= size && length <= kMaxStartupLength);
        const auto packet = decode_startup(input.substr(0, length));
        if (packet) UNDERSTUDY_ASSERT(encode_startup(*packet) == input.substr(0, length));
    }
    const auto all = decode_startup(input);
    if (all) {
        UNDERSTUDY_ASSERT(size > kMaxStartupLength || status == StartupStatus::complete);
        UNDERSTUDY_ASSERT(encode_startup(*all) == input);
    }
    return 0;
}
