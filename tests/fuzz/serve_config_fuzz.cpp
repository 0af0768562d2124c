#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "app/service/serve_config.hpp"
#include "app/service/tokens.hpp"

/// A serve.yaml, or an understudy.yaml: it is read or refused, and what is read can be trusted.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace understudy::app::service;
    const std::string text(reinterpret_cast<const char*>(data), size);
    if (const auto config = parse_serve_config(text, "serve.yaml")) {
        const bool safe = is_loopback(config->listen) || config->allow_plain || !config->certificate.empty();
        if (!safe || config->rehearsals.empty()) std::abort();
        for (const ConfiguredRehearsal& rehearsal : config->rehearsals) {
            if (!is_plain_name(rehearsal.name) || rehearsal.config.empty()) std::abort();
        }
    }
    static_cast<void>(rehearsal_facts(text, "understudy.yaml"));
    return 0;
}
