#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compare/history/run_record.hpp"
#include "core/base/error.hpp"

namespace understudy::compare {

// One run as a file (docs/history.md): a first line that lists need, then five parts that are read one by one.
//
//     understudy-run 1 CRC {"summary":…,"parts":…}\n
//     findings  asked  latencies  text  report
//
// CRC is the CRC-32C of what follows it in the line; each part has its own. Whatever the bytes are, they give a value or
// Errc::malformed (Errc::unsupported for a newer version), never more.

enum class RunPart : std::uint8_t { findings, asked, latencies, text, report };
inline constexpr std::size_t kRunParts = 5;
inline constexpr std::size_t kMaxRunHead = 256U << 10U;  ///< bytes of the first line

struct RunFileHead {
    struct Part {
        std::uint64_t offset = 0;  ///< in the file
        std::uint64_t bytes = 0;
        std::uint32_t crc = 0;
    };
    RunSummary summary;  ///< without the release, which is marked later and beside
    std::array<Part, kRunParts> parts;

    [[nodiscard]] const Part& of(RunPart part) const { return parts[static_cast<std::size_t>(part)]; }
    [[nodiscard]] std::uint64_t file_bytes() const { return parts.back().offset + parts.back().bytes; }
};

/// Errors: Errc::usage when the run is past RunRecord's limits.
Result<std::string> write_run_file(const RunRecord& run);

/// The head of a file from its beginning: the whole file, or its first kMaxRunHead bytes.
Result<RunFileHead> parse_run_head(std::string_view beginning);
/// Whether these are the bytes that a part had when it was written.
bool is_part(const RunFileHead::Part& part, std::string_view bytes);

// The parts, from their bytes.
Result<std::vector<RunFinding>> parse_run_findings(std::string_view part);
Result<std::vector<std::string>> parse_run_asked(std::string_view part);
Result<std::vector<StatementLatency>> parse_run_latencies(std::string_view part);
/// One statement's, without reading the others; nothing when it has no times in this run.
Result<std::optional<StatementLatency>> find_run_latency(std::string_view part, const std::string& fingerprint);

Result<RunRecord> parse_run_file(std::string_view file);

}  // namespace understudy::compare
