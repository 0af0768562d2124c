#include "core/catalog/conninfo_parts.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <map>
#include <memory>
#include <string_view>

namespace understudy::catalog {
namespace {

void add_keyword(std::string& text, std::string_view name, std::string_view value) {
    if (!text.empty()) text += ' ';
    text += name;
    text += "='";
    for (const char c : value) {
        if (c == '\'' || c == '\\') text += '\\';
        text += c;
    }
    text += '\'';
}

/// RFC 3986, section 2: all but the unreserved characters percent-encoded.
std::string encoded(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                           c == '.' || c == '_' || c == '~';
        out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

/// PostgreSQL docs, "Connection URIs". Several hosts and the directory of a Unix socket stand among the parameters.
std::string url_of(std::map<std::string, std::string> values) {
    const auto take = [&values](const char* name) {
        const auto node = values.extract(name);
        return node.empty() ? std::string() : node.mapped();
    };
    std::string url = "postgresql://";
    const std::string user = take("user");
    const std::string password = take("password");
    if (!user.empty()) url += encoded(user) + (password.empty() ? "" : ":" + encoded(password)) + "@";
    if (user.empty() && !password.empty()) values["password"] = password;
    const auto host = values.find("host");
    const bool one_host = host != values.end() && host->second.find_first_of("/@,:") == std::string::npos;
    if (one_host) {
        url += take("host");
        const std::string port = take("port");
        if (!port.empty()) url += ":" + port;
    }
    url += "/" + encoded(take("dbname"));
    char separator = '?';
    for (const auto& [name, value] : values) {
        url += fmt::format("{}{}={}", separator, name, encoded(value));
        separator = '&';
    }
    return url;
}

}  // namespace

std::string ConninfoParts::whole() const {
    std::string text = keywords;
    if (!password.empty()) add_keyword(text, "password", password);
    return text;
}

Result<ConninfoParts> conninfo_with_database(const std::string& conninfo, const std::string& database) {
    char* error = nullptr;
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
        PQconninfoParse(conninfo.c_str(), &error), &PQconninfoFree);
    if (error != nullptr) PQfreemem(error);
    if (options == nullptr) {
        return make_error(Errc::usage,
                          "the connection string cannot be parsed: give \"host=… dbname=… user=…\" or "
                          "postgresql://user@host/database");
    }
    ConninfoParts parts;
    parts.database = database;
    std::map<std::string, std::string> values;
    for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
        if (option->val == nullptr) continue;
        const std::string_view keyword = option->keyword;
        values[option->keyword] = option->val;
        if (keyword == "password") {
            parts.password = option->val;
        } else if (keyword != "dbname") {
            add_keyword(parts.keywords, keyword, option->val);
        } else if (database.empty()) {
            parts.database = option->val;
        }
    }
    if (!parts.database.empty()) add_keyword(parts.keywords, "dbname", parts.database);
    values["dbname"] = parts.database;
    parts.url = url_of(std::move(values));
    return parts;
}

}  // namespace understudy::catalog
