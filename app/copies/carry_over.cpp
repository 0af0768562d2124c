#include "app/copies/carry_over.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "app/copies/copy_tag.hpp"
#include "core/sql/literal_text.hpp"

namespace understudy::app {
namespace {

/// The server's parameters of the kind "list of quoted names" (GUC_LIST_QUOTE; extensions may not add to them).
constexpr std::array<BytesView, 6> kLists{"local_preload_libraries",  "search_path",      "session_preload_libraries",
                                          "shared_preload_libraries", "temp_tablespaces", "unix_socket_directories"};
constexpr std::int64_t kBigDatabase = std::int64_t{1} << 30;

/// The elements of a list of names as the catalogue has it: a, "B ""c""", d.
std::vector<Bytes> list_elements(BytesView value) {
    std::vector<Bytes> elements;
    std::size_t i = 0;
    const auto skip_space = [&] {
        while (i < value.size() && (value[i] == ' ' || value[i] == '\t' || value[i] == '\n')) ++i;
    };
    while (true) {
        skip_space();
        if (i >= value.size()) return elements;
        Bytes element;
        if (value[i] == '"') {
            for (++i; i < value.size(); ++i) {
                if (value[i] == '"' && (i + 1 >= value.size() || value[i + 1] != '"')) break;
                if (value[i] == '"') ++i;
                element += value[i];
            }
            if (i < value.size()) ++i;
        } else {
            while (i < value.size() && value[i] != ',') element += value[i++];
            while (!element.empty() && element.back() == ' ') element.pop_back();
        }
        elements.push_back(std::move(element));
        skip_space();
        if (i < value.size() && value[i] == ',') ++i;
    }
}

/// a.b as "a"."b".
std::string setting_name(BytesView name) {
    std::string result;
    while (true) {
        const std::size_t dot = name.find('.');
        result += quote_name(name.substr(0, dot));
        if (dot == BytesView::npos) return result;
        result += '.';
        name.remove_prefix(dot + 1);
    }
}

std::string grantee_text(const Bytes& grantee) { return grantee.empty() ? "public" : quote_name(grantee); }

std::string locale_options(const DatabaseFacts& source, int version) {
    std::string text = fmt::format(" encoding {} lc_collate {} lc_ctype {}", sql::quote_literal(source.encoding),
                                   sql::quote_literal(source.collate), sql::quote_literal(source.ctype));
    if (version < 150000) return text;
    if (source.locale_provider == 'i') {
        text += fmt::format(" locale_provider icu icu_locale {}", sql::quote_literal(source.locale));
        if (!source.icu_rules.empty()) text += " icu_rules " + sql::quote_literal(source.icu_rules);
    } else if (source.locale_provider == 'b') {
        text += fmt::format(" locale_provider builtin builtin_locale {}", sql::quote_literal(source.locale));
    } else {
        text += " locale_provider libc";
    }
    return text;
}

}  // namespace

std::string quote_name(BytesView name) {
    std::string result = "\"";
    for (const char c : name) {
        if (c == '"') result += '"';
        result += c;
    }
    return result + '"';
}

std::string create_statement(const DatabaseFacts& source, const std::string& name, bool of_template,
                             int server_version_num) {
    std::string text = "create database " + quote_name(name);
    if (source.may_be_owner) text += " owner " + quote_name(source.owner);
    if (of_template) {
        text += " template " + quote_name(source.name);
        // Copying files skips the WAL of every page; below, the two checkpoints it needs cost more.
        if (server_version_num >= 150000 && source.size >= kBigDatabase) text += " strategy file_copy";
    } else {
        text += " template template0" + locale_options(source, server_version_num);
        if (source.tablespace != "pg_default") text += " tablespace " + quote_name(source.tablespace);
    }
    return text + fmt::format(" allow_connections false connection limit {}", unfinished_limit(name));
}

std::string setting_value(BytesView name, BytesView value) {
    const bool list = std::find(kLists.begin(), kLists.end(), name) != kLists.end();
    if (!list) return sql::quote_literal(value);
    std::string text;
    for (const Bytes& element : list_elements(value)) {
        if (!text.empty()) text += ", ";
        text += sql::quote_literal(element);
    }
    return text.empty() ? "''" : text;
}

std::vector<CarryStatement> setting_statements(const DatabaseFacts& source, const std::string& name) {
    std::vector<CarryStatement> result;
    for (const DatabaseSetting& setting : source.settings) {
        const std::string assignment =
            fmt::format("set {} to {}", setting_name(setting.name), setting_value(setting.name, setting.value));
        if (setting.role.empty()) {
            result.push_back({fmt::format("alter database {} {}", quote_name(name), assignment),
                              fmt::format("setting {}", setting.name)});
        } else {
            result.push_back(
                {fmt::format("alter role {} in database {} {}", quote_name(setting.role), quote_name(name), assignment),
                 fmt::format("setting {} of role \"{}\"", setting.name, setting.role)});
        }
    }
    return result;
}

std::vector<CarryStatement> grant_statements(const DatabaseFacts& source, const std::string& name) {
    if (source.default_acl) return {};
    const std::string database = quote_name(name);
    std::vector<CarryStatement> result;
    const std::string what = "privileges";
    result.push_back(
        {fmt::format("revoke all on database {} from public, {}", database, quote_name(source.owner)), what});
    // Who may grant what so far. The owner always may.
    std::set<std::pair<Bytes, Bytes>> may_grant;
    std::vector<DatabaseGrant> left = source.grants;
    while (!left.empty()) {
        std::vector<DatabaseGrant> later;
        for (DatabaseGrant& grant : left) {
            if (grant.grantor != source.owner && may_grant.count({grant.grantor, grant.privilege}) == 0) {
                later.push_back(std::move(grant));
                continue;
            }
            if (grant.grantable) may_grant.emplace(grant.grantee, grant.privilege);
            std::string sql = fmt::format("grant {} on database {} to {}{}", grant.privilege, database,
                                          grantee_text(grant.grantee), grant.grantable ? " with grant option" : "");
            // A superuser grants as the owner; anybody else's grant has to be said by that role itself.
            if (grant.grantor != source.owner) {
                sql = fmt::format("set local role {}; {}; reset role", quote_name(grant.grantor), sql);
            }
            result.push_back({std::move(sql), what});
        }
        if (later.size() == left.size()) break;  // a chain with no beginning: not what a server makes
        left = std::move(later);
    }
    return result;
}

}  // namespace understudy::app
