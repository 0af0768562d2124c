#include "app/service/hook_address.hpp"

#include <algorithm>

namespace understudy::app::service {
namespace {

constexpr std::size_t kMaxUrl = 2048;

bool is_port(const std::string& text) {
    return !text.empty() && text.size() <= 5 && text.find_first_not_of("0123456789") == std::string::npos;
}

bool is_this_machine(const std::string& host) {
    const bool dotted = host.find_first_not_of("0123456789.") == std::string::npos;
    return (dotted && host.starts_with("127.")) || host == "::1" || host == "localhost";
}

}  // namespace

Result<HookAddress> parse_hook_url(const std::string& url) {
    const auto bad = [] { return make_error(Errc::malformed, "an address such as https://hooks.example/path is wanted"); };
    HookAddress address;
    address.secure = url.starts_with("https://");
    if (url.size() > kMaxUrl || (!address.secure && !url.starts_with("http://"))) return bad();
    const auto is_wrong = [](char c) {
        return static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7f || c == '#' || c == '\\';
    };
    if (std::any_of(url.begin(), url.end(), is_wrong)) return bad();
    const std::size_t begin = url.find("//") + 2;
    const std::size_t end = std::min(url.find_first_of("/?", begin), url.size());
    address.authority = url.substr(begin, end - begin);
    address.target = url.substr(end);
    if (!address.target.starts_with('/')) address.target.insert(0, "/");
    address.port = address.secure ? "443" : "80";
    std::string host = address.authority;
    const bool bracketed = host.starts_with('[');
    const std::size_t close = bracketed ? host.find(']') : 0;
    if (close == std::string::npos) return bad();
    const std::size_t colon = host.find(':', close);
    if (colon != std::string::npos) {
        address.port = host.substr(colon + 1);
        host.resize(colon);
    }
    if (bracketed) {
        if (host.size() != close + 1) return bad();
        host = host.substr(1, close - 1);
    }
    if (host.empty() || host.find_first_of("@[]%") != std::string::npos || !is_port(address.port)) return bad();
    address.host = host;
    if (!address.secure && !is_this_machine(host))
        return make_error(Errc::malformed, "https:// is wanted: what is sent there is not for everybody on the way");
    return address;
}

}  // namespace understudy::app::service
