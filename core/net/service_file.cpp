#include "core/net/service_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "core/net/password_file.hpp"

namespace understudy::net {
namespace {

constexpr std::size_t kMaxFile = std::size_t{1} << 20U;
constexpr BytesView kBlank = " \t\r\f\v";

BytesView trimmed(BytesView text) {
    const std::size_t begin = text.find_first_not_of(kBlank);
    if (begin == BytesView::npos) return {};
    return text.substr(begin, text.find_last_not_of(kBlank) + 1 - begin);
}

}  // namespace

Result<std::optional<ServiceSettings>> parse_service(BytesView text, const std::string& service,
                                                     const std::string& file) {
    std::optional<ServiceSettings> settings;
    bool inside = false;
    for (int number = 1; !text.empty(); ++number) {
        BytesView line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        line = trimmed(line);
        if (line.empty() || line[0] == '#') continue;
        const auto wrong = [&](const char* why) {
            return make_error(Errc::usage, fmt::format("service file {}, line {}: {}", file, number, why));
        };
        if (line[0] == '[') {
            if (settings) break;  // the service's section has ended
            inside =
                line.size() == service.size() + 2 && line.substr(1, service.size()) == service && line.back() == ']';
            if (inside) settings.emplace();
            continue;
        }
        if (!inside) continue;
        if (line.starts_with("ldap")) return wrong("LDAP look-ups are not supported: write the parameters down");
        const std::size_t equals = line.find('=');
        if (equals == BytesView::npos) return wrong("neither a [service] nor keyword=value");
        const std::string keyword(line.substr(0, equals));
        if (keyword == "service" || keyword == "servicefile")
            return wrong("a service within a service is not supported");
        settings->emplace(keyword, line.substr(equals + 1));
    }
    return settings;
}

Result<ServiceSettings> find_service(const std::string& service, const ServiceFiles& files) {
    std::error_code error;
    if (files.user_given && !std::filesystem::exists(files.user, error)) {
        return make_error(Errc::usage, fmt::format("service file {} is not there", files.user));
    }
    for (const std::string& file : {files.user, files.system}) {
        if (file.empty() || !std::filesystem::exists(file, error)) continue;
        UNDERSTUDY_TRY(const std::string text, read_small_file(file, kMaxFile));
        UNDERSTUDY_TRY(auto settings, parse_service(text, service, file));
        if (settings) return std::move(*settings);
    }
    return make_error(Errc::usage, fmt::format("service \"{}\" is not defined in {}{}{}", service, files.user,
                                               files.system.empty() ? "" : " or ", files.system));
}

}  // namespace understudy::net
