#include "core/pgwire/auth_policy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace understudy::pgwire {
namespace {

constexpr std::array<BytesView, 7> kNames{"none", "password", "md5", "scram-sha-256", "gss", "sspi", "oauth"};

}  // namespace

Result<ChannelBinding> parse_channel_binding(const std::string& text) {
    if (text.empty() || text == "prefer") return ChannelBinding::prefer;
    if (text == "disable") return ChannelBinding::disable;
    if (text == "require") return ChannelBinding::require;
    return make_error(Errc::usage, fmt::format("channel_binding={}: disable, prefer or require is expected", text));
}

Result<AuthMethods> AuthMethods::parse(const std::string& text) {
    AuthMethods methods;
    if (text.empty()) return methods;
    const bool negated = text[0] == '!';
    std::uint32_t named = 0;
    BytesView rest = text;
    while (true) {
        BytesView name = rest.substr(0, rest.find(','));
        const bool last = name.size() == rest.size();
        rest.remove_prefix(last ? rest.size() : name.size() + 1);
        if (name.starts_with('!') != negated) {
            return make_error(Errc::usage, fmt::format("require_auth={}: either all methods have a '!' or none", text));
        }
        if (negated) name.remove_prefix(1);
        const auto* const found = std::find(kNames.begin(), kNames.end(), name);
        if (found == kNames.end()) {
            return make_error(Errc::usage, fmt::format("require_auth={}: '{}' is no method: {}", text, name,
                                                       fmt::join(kNames, ", ")));
        }
        named |= 1U << static_cast<unsigned>(found - kNames.begin());
        if (last) break;
    }
    methods.permitted_ = negated ? kAll & ~named : named;
    return methods;
}

}  // namespace understudy::pgwire
