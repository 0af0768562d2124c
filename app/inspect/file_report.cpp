#include "app/inspect/file_report.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace understudy::app::inspect {

bool all_complete(const std::vector<FileReport>& files) {
    return std::all_of(files.begin(), files.end(), [](const FileReport& file) { return file.complete(); });
}

std::string damage_text(const store::Damage& damage) {
    std::vector<std::string> parts;
    if (damage.bad_chunks > 0) parts.push_back(counted(damage.bad_chunks, "damaged chunk") + " left out");
    if (damage.bytes_skipped > 0)
        parts.push_back(counted(damage.bytes_skipped, "byte") + " skipped up to the next chunk");
    if (damage.bytes_cut_off > 0)
        parts.push_back(counted(damage.bytes_cut_off, "byte") + " of a chunk that is cut off");
    if (damage.unknown_records > 0) {
        parts.push_back(counted(damage.unknown_records, "record") + " of a kind that this version does not know");
    }
    if (damage.trailer_missing) parts.emplace_back("no trailer (its writer is still at work, or died)");
    return fmt::format("{}", fmt::join(parts, ", "));
}

std::string verify_text(const FileReport& file) {
    if (!file.error.empty()) return file.error;
    const std::string read = fmt::format("{} in {}", counted(file.records, "record"), counted(file.chunks, "chunk"));
    if (file.complete()) return fmt::format("{}: whole and undamaged: {}", file.path, read);
    const bool only_unfinished =
        file.damage.bad_chunks == 0 && file.damage.bytes_skipped == 0 && file.damage.unknown_records == 0;
    return fmt::format("{}: {}: {}; every whole chunk was read: {}", file.path,
                       only_unfinished ? "not complete" : "damaged", damage_text(file.damage), read);
}

Json to_json(const FileReport& file) {
    Json json;
    json["path"] = file.path;
    json["complete"] = file.complete();
    if (!file.error.empty()) json["error"] = file.error;
    json["records"] = file.records;
    json["chunks"] = file.chunks;
    json["damage"] = {{"bad_chunks", file.damage.bad_chunks},
                      {"bytes_skipped", file.damage.bytes_skipped},
                      {"bytes_cut_off", file.damage.bytes_cut_off},
                      {"unknown_records", file.damage.unknown_records},
                      {"trailer_missing", file.damage.trailer_missing}};
    const CaptureHeader& header = file.header;
    json["source"] = header.source;
    json["tool_version"] = header.tool_version;
    json["created"] = utc_text(header.created);
    json["policy"] = to_string(header.policy);
    json["key_id"] = printable(header.key_id);
    json["server_version"] = header.server_version;
    json["system_identifier"] = header.system_identifier == 0 ? "" : std::to_string(header.system_identifier);
    json["wal_position"] = header.wal_position;
    json["clock_uncertainty_ns"] = header.clock_uncertainty_ns;
    json["description"] = header.description;
    return json;
}

Json verify_json(const std::vector<FileReport>& files) {
    Json json;
    json["format_version"] = kJsonFormatVersion;
    json["what"] = "verify";
    json["complete"] = all_complete(files);
    json["files"] = Json::array();
    for (const FileReport& file : files) json["files"].push_back(to_json(file));
    return json;
}

}  // namespace understudy::app::inspect
