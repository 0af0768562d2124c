#include "app/process/hidden_arguments.hpp"

#include <algorithm>
#include <string>

namespace understudy::app {
namespace {

using Place = std::pair<std::size_t, std::size_t>;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }

/// The length of a keyword's value, as libpq reads it: in quotes, or up to the next space; backslashes escape.
std::size_t value_length(std::string_view value, bool in_url) {
    if (in_url) return std::min(value.size(), value.find('&'));
    const bool quoted = !value.empty() && value[0] == '\'';
    for (std::size_t i = quoted ? 1 : 0; i < value.size(); ++i) {
        if (value[i] == '\\') {
            ++i;
        } else if (quoted ? value[i] == '\'' : is_space(value[i])) {
            return quoted ? i + 1 : i;
        }
    }
    return value.size();
}

/// In postgresql://user:password@host/…: what stands between the first colon and the last @ before the path.
void add_user_part(std::string_view argument, std::size_t begin, std::vector<Place>& places) {
    const std::string_view authority = argument.substr(begin, argument.find_first_of("/?", begin) - begin);
    const std::size_t at = authority.rfind('@');
    if (at == std::string_view::npos) return;
    const std::size_t colon = authority.substr(0, at).find(':');
    if (colon != std::string_view::npos) places.emplace_back(begin + colon + 1, at - colon - 1);
}

}  // namespace

std::vector<Place> secrets_in(std::string_view argument) {
    std::vector<Place> places;
    bool url = false;
    for (const std::string_view scheme : {"postgresql://", "postgres://"}) {
        const std::size_t found = argument.find(scheme);
        if (found == std::string_view::npos) continue;
        url = true;
        add_user_part(argument, found + scheme.size(), places);
        break;
    }
    constexpr std::string_view kKeyword = "password";
    for (std::size_t at = argument.find(kKeyword); at != std::string_view::npos; at = argument.find(kKeyword, at + 1)) {
        std::size_t value = at + kKeyword.size();
        while (!url && value < argument.size() && is_space(argument[value])) ++value;
        if (value >= argument.size() || argument[value] != '=') continue;
        ++value;
        while (!url && value < argument.size() && is_space(argument[value])) ++value;
        const std::size_t length = value_length(argument.substr(value), url);
        if (length > 0) places.emplace_back(value, length);
    }
    return places;
}

void hide_secrets(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
        for (const auto& [offset, length] : secrets_in(argv[i])) std::fill_n(argv[i] + offset, length, '*');
    }
}

}  // namespace understudy::app
