#include "app/schema/snapshot_source.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>

#include "core/catalog/snapshot/read_snapshot.hpp"
#include "core/catalog/snapshot/snapshot_codec.hpp"
#include "core/store/byte_io.hpp"

namespace understudy::app {
namespace {

constexpr std::size_t kReadAtOnce = std::size_t{1} << 20U;

}  // namespace

Result<catalog::Snapshot> read_snapshot_file(const std::string& path) {
    UNDERSTUDY_TRY(const auto source, store::open_file(path));
    Bytes text;
    while (true) {
        const std::size_t before = text.size();
        UNDERSTUDY_CHECK(source->read(kReadAtOnce, text));
        if (text.size() == before || text.size() > catalog::kMaxSnapshotBytes) break;
    }
    auto snapshot = catalog::parse_snapshot(text);
    if (!snapshot)
        return make_error(snapshot.error().code, fmt::format("cannot read {}: {}", path, snapshot.error().message));
    return snapshot;
}

Result<catalog::Snapshot> load_snapshot(const std::string& file_or_conninfo) {
    std::error_code error;
    const auto status = std::filesystem::status(file_or_conninfo, error);
    if (std::filesystem::is_directory(status)) {
        return make_error(Errc::usage,
                          file_or_conninfo + " is a directory: give a file of schema snapshot, or a connection string");
    }
    if (std::filesystem::exists(status)) return read_snapshot_file(file_or_conninfo);
    const bool conninfo =
        file_or_conninfo.find('=') != std::string::npos || file_or_conninfo.find("://") != std::string::npos;
    if (!conninfo) {
        return make_error(Errc::usage, file_or_conninfo +
                                           " is neither a file nor a connection string (\"host=… dbname=…\" or "
                                           "postgresql://host/database)");
    }
    return catalog::read_snapshot(file_or_conninfo);
}

void warn_of_unread(const catalog::Snapshot& snapshot, const std::string& source) {
    if (snapshot.unread.empty()) return;
    fmt::print(stderr, "understudy: the snapshot of {} is not complete: {} kinds of objects could not be read\n",
               source, snapshot.unread.size());
    for (const catalog::UnreadPart& part : snapshot.unread) fmt::print(stderr, "  {}: {}\n", part.what, part.why);
}

}  // namespace understudy::app
