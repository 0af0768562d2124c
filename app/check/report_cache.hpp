#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/error.hpp"

namespace understudy::app {

/// A report that can be shown again.
struct CachedReport {
    int exit_code = 0;
    std::string text;
    std::string json;
};

/// What a database's catalogues are at the moment, as a short text that differs after any change of any of their rows that
/// matters to a schema: sums over each row's identity and xmin. It says nothing across databases; VACUUM and ANALYZE leave
/// it as it is. Errors: as ControlConnection's.
Result<std::string> catalogue_stamp(const std::string& conninfo);

/// One line for each file at or below `path`, in order: its name, size and checksum. Errors: Errc::io; Errc::limit beyond
/// 20,000 files.
Result<std::string> file_stamps(const std::string& path);

/// Size of a capture file and the checksum of its beginning and end: header, first chunks and index, which holds where every
/// chunk is and when it was. Not its name or times, so that a copy is the same. Errors: Errc::io.
Result<std::string> capture_stamp(const std::string& path);

/// A folder of reports by what they depend on. A report is taken only where the whole key is the same; a damaged file is
/// said and counts as none. Keeps the kMaxReports newest.
class ReportCache {
public:
    static constexpr std::size_t kMaxReports = 100;
    explicit ReportCache(std::string folder) : folder_(std::move(folder)) {}

    std::optional<CachedReport> find(const std::string& key) const;
    /// Errors: Errc::io.
    Result<void> keep(const std::string& key, const CachedReport& report) const;

private:
    [[nodiscard]] std::string path_of(const std::string& key) const;
    void forget_oldest() const;
    std::string folder_;
};

}  // namespace understudy::app
