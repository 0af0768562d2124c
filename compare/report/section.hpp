#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace understudy::compare {

enum class SectionState : std::uint8_t { passed, failed, inconclusive, skipped };
std::string_view to_string(SectionState state);

/// What else a rehearsal found beside the answers: how the migration ran, what it blocked, whether there is a way back.
/// One that failed makes the report divergent, one that is inconclusive keeps it from "same".
struct Section {
    std::string id;  ///< "migration", "traffic", "rollback": stable, for programs
    std::string title;
    SectionState state = SectionState::passed;
    std::string summary;             ///< one sentence
    std::vector<std::string> lines;  ///< the details, each readable by itself
};

}  // namespace understudy::compare
