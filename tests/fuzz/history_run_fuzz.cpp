#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "compare/history/run_file.hpp"

namespace {

using namespace understudy::compare;

/// The parts are behind checksums, which a mutation breaks: they are read by themselves as well.
void read_parts(std::string_view text) {
    static_cast<void>(parse_run_findings(text));
    static_cast<void>(parse_run_asked(text));
    static_cast<void>(find_run_latency(text, "00000000000000aa"));
    const auto latencies = parse_run_latencies(text);
    if (!latencies) return;
    for (const StatementLatency& one : *latencies) {
        if (!find_run_latency(text, one.fingerprint)) std::abort();
    }
}

}  // namespace

/// A run's file that somebody else may have written: whatever it is, it is read or refused, and what is read and may be
/// kept can be written and read again as the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto head = parse_run_head(text);
    if (head) read_parts(text.substr(head->of(RunPart::findings).offset));
    read_parts(text);
    const auto run = parse_run_file(text);
    if (!run || !check_run(*run)) return 0;
    const auto written = write_run_file(*run);
    if (!written) return 0;
    const auto again = parse_run_file(*written);
    if (!again || !(*again == *run)) std::abort();
    return 0;
}
