// The files of fidelity: environments and certificates. Each is read or refused; what is read is written and read again
// as it was, has no difference from itself, and no drift; its text steers no terminal.

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "schema/fidelity/certificate.hpp"
#include "schema/fidelity/environment_codec.hpp"

using namespace understudy;
using namespace understudy::schema;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const BytesView text(reinterpret_cast<const char*>(data), size);
    if (const auto environment = fidelity::parse_environment(text)) {
        const auto again = fidelity::parse_environment(fidelity::to_json(*environment));
        require(again && *again == *environment);
        require(fidelity::compare(*environment, *again).differences.empty());
        static_cast<void>(fidelity::compare(*environment, fidelity::Environment()));
        static_cast<void>(fidelity::compare(fidelity::Environment(), *environment));
    }
    if (const auto certificate = fidelity::parse_certificate(text)) {
        const std::string shown = fidelity::to_text(*certificate);
        require(shown.find('\x1b') == std::string::npos);
        const auto again = fidelity::parse_certificate(fidelity::to_json(*certificate));
        require(again.has_value());
        require(fidelity::drift_since(*certificate, *again).come.empty());
    }
    return 0;
}
