#include "app/service/complete_hook.hpp"

#include <algorithm>

#include "app/service/hook_address.hpp"

namespace understudy::app::service {
namespace {

bool is_repository(const Hook& hook) {
    const std::string& text = hook.repository;
    const bool plain = text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-/") ==
                       std::string::npos;
    const bool whole = !text.empty() && text.size() <= 255 && text.front() != '/' && text.back() != '/' &&
                       text.find("//") == std::string::npos && ("/" + text + "/").find("/./") == std::string::npos &&
                       ("/" + text + "/").find("/../") == std::string::npos;
    return plain && whole && (hook.kind == Hook::Kind::gitlab || std::count(text.begin(), text.end(), '/') == 1);
}

}  // namespace

std::optional<std::string> complete_hook(Hook& hook) {
    const bool forge = hook.kind == Hook::Kind::github || hook.kind == Hook::Kind::gitlab;
    if (hook.kind == Hook::Kind::slack) {
        if (hook.url_file.empty() || !hook.url.empty())
            return "its address is a secret: name the file that holds it (url_file)";
        if (!hook.secret_file.empty()) return "its address is its secret: no secret_file is wanted";
    } else if (hook.secret_file.empty()) {
        return forge ? "secret_file is missing: the file that holds its access token"
                     : "secret_file is missing: the file that holds the key to sign with";
    }
    if (forge != !hook.repository.empty()) return "repository is for github and gitlab, and they need it";
    if (forge && !is_repository(hook)) return "repository: OWNER/NAME is wanted, or a project's path or number of GitLab";
    if (forge && hook.url.empty() && hook.url_file.empty())
        hook.url = hook.kind == Hook::Kind::github ? "https://api.github.com" : "https://gitlab.com";
    while (forge && hook.url.ends_with('/')) hook.url.pop_back();
    if (hook.url.empty() == hook.url_file.empty()) return "one of url and url_file is wanted";
    if (hook.url.empty()) return std::nullopt;
    const auto address = parse_hook_url(hook.url);
    if (!address) return "url: " + address.error().message;
    if (forge && hook.url.find('?') != std::string::npos) return "url: the base of the interface is wanted, without a query";
    return std::nullopt;
}

}  // namespace understudy::app::service
