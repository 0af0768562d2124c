#include "core/catalog/conninfo_parts.hpp"

#include <libpq-fe.h>

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
    for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
        if (option->val == nullptr) continue;
        const std::string_view keyword = option->keyword;
        if (keyword == "password") {
            parts.password = option->val;
        } else if (keyword != "dbname") {
            add_keyword(parts.keywords, keyword, option->val);
        } else if (database.empty()) {
            parts.database = option->val;
        }
    }
    if (!parts.database.empty()) add_keyword(parts.keywords, "dbname", parts.database);
    return parts;
}

}  // namespace understudy::catalog
