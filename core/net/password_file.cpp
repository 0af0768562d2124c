#include "core/net/password_file.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

namespace understudy::net {
namespace {

constexpr std::size_t kFields = 4;

/// The next field, its escapes resolved, and its colon off the front of `line`; false when there is no colon.
bool take_field(BytesView& line, std::optional<std::string>& field) {
    if (line.starts_with("*:")) {
        field.reset();
        line.remove_prefix(2);
        return true;
    }
    std::string text;
    for (std::size_t at = 0; at < line.size(); ++at) {
        if (line[at] == ':') {
            field = std::move(text);
            line.remove_prefix(at + 1);
            return true;
        }
        if (line[at] == '\\' && at + 1 < line.size()) ++at;
        text += line[at];
    }
    return false;
}

std::string unescaped(BytesView text) {
    std::string plain;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '\\' && at + 1 < text.size()) ++at;
        plain += text[at];
    }
    return plain;
}

bool open_to_others(const struct stat& file) { return (file.st_mode & (S_IRWXG | S_IRWXO)) != 0; }

}  // namespace

Result<std::string> read_small_file(const std::string& path, std::size_t max_size) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return make_error(Errc::io, fmt::format("cannot read {}: {}", path, std::strerror(errno)));
    std::string text;
    std::string piece(std::size_t{64} << 10U, '\0');
    while (file.read(piece.data(), static_cast<std::streamsize>(piece.size())) || file.gcount() > 0) {
        text.append(piece, 0, static_cast<std::size_t>(file.gcount()));
        if (text.size() > max_size) {
            return make_error(Errc::limit, fmt::format("{} is longer than {} bytes", path, max_size));
        }
    }
    return text;
}

PasswordFile PasswordFile::parse(BytesView text) {
    PasswordFile file;
    while (!text.empty()) {
        BytesView line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty() || line[0] == '#') continue;
        Line parsed{std::vector<std::optional<std::string>>(kFields), {}};
        bool whole = true;
        for (auto& field : parsed.fields) whole = whole && take_field(line, field);
        if (!whole) continue;
        parsed.password = unescaped(line);
        file.lines_.push_back(std::move(parsed));
    }
    return file;
}

Result<PasswordFile> PasswordFile::read_strictly(const std::string& path) {
    struct stat file {};
    if (stat(path.c_str(), &file) != 0 || !S_ISREG(file.st_mode)) {
        return make_error(Errc::usage, fmt::format("credentials {}: there is no such file", path));
    }
    if (open_to_others(file)) {
        return make_error(Errc::usage, fmt::format("credentials {} can be read by others: chmod 600 it", path));
    }
    auto text = read_small_file(path, kMaxSize);
    if (!text) return make_error(Errc::usage, "credentials: " + text.error().message);
    return parse(*text);
}

PasswordFile PasswordFile::read_leniently(const std::string& path, std::vector<std::string>& warnings) {
    struct stat file {};
    if (path.empty() || stat(path.c_str(), &file) != 0) return {};
    if (!S_ISREG(file.st_mode)) {
        warnings.push_back(fmt::format("password file {} is not a plain file and is not used", path));
        return {};
    }
    if (open_to_others(file)) {
        warnings.push_back(fmt::format("password file {} can be read by others and is not used: chmod 600 it", path));
        return {};
    }
    const auto text = read_small_file(path, kMaxSize);
    if (!text) {
        warnings.push_back(text.error().message);
        return {};
    }
    return parse(*text);
}

std::optional<std::string> PasswordFile::find(BytesView host, BytesView port, BytesView database,
                                              BytesView user) const {
    const std::array<BytesView, kFields> wanted{host, port, database, user};
    for (const Line& line : lines_) {
        bool matches = true;
        for (std::size_t i = 0; i < kFields; ++i) {
            matches = matches && (!line.fields[i] || *line.fields[i] == wanted[i]);
        }
        if (matches) return line.password;
    }
    return std::nullopt;
}

}  // namespace understudy::net
