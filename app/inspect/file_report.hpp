#pragma once

#include <string>
#include <vector>

#include "app/inspect/format.hpp"
#include "core/store/capture_reader.hpp"

namespace understudy::app::inspect {

/// What was found out about one file by reading all of it.
struct FileReport {
    std::string path;
    CaptureHeader header;
    store::Damage damage;
    std::uint64_t chunks = 0;
    std::uint64_t records = 0;
    std::string error;  ///< why it could not be read (to its end); empty for one that could

    /// Whole and undamaged. Losses while capturing are another matter: they are counters.
    [[nodiscard]] bool complete() const { return error.empty() && damage.none(); }
};

[[nodiscard]] bool all_complete(const std::vector<FileReport>& files);

/// What is wrong, in words; empty for a file that is whole and undamaged.
std::string damage_text(const store::Damage& damage);
/// One line for `--verify`, without the line's end.
std::string verify_text(const FileReport& file);
Json to_json(const FileReport& file);
/// The document of `--verify --json`.
Json verify_json(const std::vector<FileReport>& files);

}  // namespace understudy::app::inspect
