#include "app/fidelity/environment_source.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "core/base/time.hpp"
#include "core/catalog/snapshot/snapshot_codec.hpp"
#include "core/store/byte_io.hpp"
#include "schema/fidelity/environment_codec.hpp"
#include "schema/fidelity/read_environment.hpp"

namespace understudy::app {
namespace {

constexpr std::size_t kBlock = std::size_t{1} << 20U;

/// The server gets a key of its own, from which the digest key cannot be had: its log may keep what it was asked.
Bytes statistics_key(const DigestKey& key) {
    const Digester digester(key);
    Bytes text;
    for (const char part : {'a', 'b', 'c', 'd'}) {
        text += fmt::format("{:016x}", digester.bytes(fmt::format("most common values, {}", part)));
    }
    return text;
}

}  // namespace

Result<Bytes> read_bounded_file(const std::string& path, std::size_t most) {
    UNDERSTUDY_TRY(const auto source, store::open_file(path));
    Bytes text;
    while (true) {
        const std::size_t before = text.size();
        UNDERSTUDY_CHECK(source->read(kBlock, text));
        if (text.size() == before) return text;
        if (text.size() > most) {
            return make_error(Errc::limit, fmt::format("cannot read {}: it is longer than {} MiB", path, most >> 20U));
        }
    }
}

bool is_environment_file(const std::string& file_or_conninfo) {
    std::error_code error;
    return std::filesystem::is_regular_file(file_or_conninfo, error);
}

Result<schema::fidelity::Environment> read_environment_file(const std::string& path) {
    UNDERSTUDY_TRY(const Bytes text,
                   read_bounded_file(path, schema::fidelity::kMaxEnvironmentBytes + catalog::kMaxSnapshotBytes));
    auto environment = schema::fidelity::parse_environment(text);
    if (!environment) {
        return make_error(environment.error().code,
                          fmt::format("cannot read {}: {}", path, environment.error().message));
    }
    return environment;
}

Result<schema::fidelity::Environment> load_environment(const std::string& file_or_conninfo,
                                                       const EnvironmentReading& reading) {
    if (is_environment_file(file_or_conninfo)) return read_environment_file(file_or_conninfo);
    const bool conninfo =
        file_or_conninfo.find('=') != std::string::npos || file_or_conninfo.find("://") != std::string::npos;
    if (!conninfo) {
        return make_error(Errc::usage, fmt::format("{} is neither a file of fidelity snapshot nor a connection string "
                                                   "(\"host=… dbname=…\" or postgresql://host/database)",
                                                   file_or_conninfo));
    }
    schema::fidelity::ReadingOptions options;
    options.limits = reading.limits;
    options.now = system_clock().now();
    if (reading.key) {
        options.statistics_key = statistics_key(*reading.key);
        options.key_id = reading.key->id();
    }
    return schema::fidelity::read_environment(file_or_conninfo, options);
}

}  // namespace understudy::app
