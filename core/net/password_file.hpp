#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/error.hpp"

namespace understudy::net {

/// Passwords by server, database and user: host:port:database:user:password, a line each (PostgreSQL docs, "The
/// Password File"). '*' stands for anything, '\' before ':' and '\', '#' begins a comment.
class PasswordFile {
public:
    /// No more is read.
    static constexpr std::size_t kMaxSize = std::size_t{16} << 20U;

    static PasswordFile parse(BytesView text);
    /// The file of `--credentials`. Errors: Errc::usage when it cannot be read, or others can read it.
    static Result<PasswordFile> read_strictly(const std::string& path);
    /// libpq's: one that is not there is empty, and one that others can read is not used, with a warning.
    static PasswordFile read_leniently(const std::string& path, std::vector<std::string>& warnings);

    /// Of the first line that matches.
    [[nodiscard]] std::optional<std::string> find(BytesView host, BytesView port, BytesView database,
                                                  BytesView user) const;

private:
    struct Line {
        std::vector<std::optional<std::string>> fields;  // host, port, database, user; nothing: any
        std::string password;
    };
    std::vector<Line> lines_;
};

/// What a file holds. Errors: Errc::io, saying why; Errc::limit above `max_size`.
Result<std::string> read_small_file(const std::string& path, std::size_t max_size);

}  // namespace understudy::net
