#include "app/history/open_history.hpp"

#include "app/history/directory_history.hpp"
#include "app/history/postgres_history.hpp"

namespace understudy::app {
namespace {

/// A URL, or keywords of libpq; a directory of such a name can be written as ./NAME.
bool is_conninfo(const std::string& where) {
    for (const char* scheme : {"postgresql://", "postgres://"}) {
        if (where.starts_with(scheme)) return true;
    }
    return !where.starts_with(".") && !where.starts_with("/") && where.find('=') != std::string::npos;
}

}  // namespace

Result<std::unique_ptr<History>> open_history(const std::string& where, const HistoryAccess& access) {
    if (where.empty()) return make_error(Errc::usage, "no history: say --history DIRECTORY or --history postgresql://…");
    if (is_conninfo(where)) {
        UNDERSTUDY_TRY(auto history, PostgresHistory::open(where, {access.only_existing, access.in_replay_target}));
        return std::unique_ptr<History>(std::move(history));
    }
    UNDERSTUDY_TRY(auto history, DirectoryHistory::open(where, access.only_existing));
    return std::unique_ptr<History>(std::move(history));
}

}  // namespace understudy::app
