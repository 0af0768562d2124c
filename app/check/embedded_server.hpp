#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/base/error.hpp"

namespace understudy::app {

/// A PostgreSQL server of our own for as long as the object lives: the installed programs on a new data directory in a
/// temporary folder, reached by its Unix socket only, in which nobody but this user (or, for root, the user postgres or
/// nobody, as whom it runs) may look. Nothing in it is worth a disk flush, so it makes none.
class EmbeddedServer {
public:
    /// `postgres_bin`: where initdb, pg_ctl and psql are; empty: looked for. Errors: Errc::io with the server's words.
    static Result<std::unique_ptr<EmbeddedServer>> start(const std::string& postgres_bin, std::function<bool()> stop);

    ~EmbeddedServer();  ///< stops it and removes the folder
    EmbeddedServer(const EmbeddedServer&) = delete;
    EmbeddedServer& operator=(const EmbeddedServer&) = delete;

    [[nodiscard]] std::string conninfo(const std::string& database) const;
    [[nodiscard]] const std::string& version() const { return version_; }  ///< "15.6 (Debian …)"

    /// Runs a file through psql, stopping at its first error.
    Result<void> load(const std::string& file, const std::string& database) const;

private:
    explicit EmbeddedServer(std::function<bool()> stop) : stop_(std::move(stop)) {}
    Result<void> make_folder();
    Result<void> launch();

    std::function<bool()> stop_;
    std::string folder_;
    std::string initdb_;
    std::string pg_ctl_;
    std::string psql_;
    std::string version_;
    std::string user_;  // as whom it runs; empty: as we do
    bool running_ = false;
};

}  // namespace understudy::app
