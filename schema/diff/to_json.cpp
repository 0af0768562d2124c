#include <nlohmann/json.hpp>

#include "schema/check/text_format.hpp"
#include "schema/diff/diff_report.hpp"

namespace understudy::schema {
namespace {

using Json = nlohmann::ordered_json;

std::string_view to_string(catalog::ChangeKind kind) {
    switch (kind) {
        case catalog::ChangeKind::added: return "added";
        case catalog::ChangeKind::removed: return "removed";
        case catalog::ChangeKind::changed: return "changed";
    }
    return "changed";
}

Json effects_json(const std::vector<catalog::Effect>& effects) {
    Json json = Json::array();
    for (const catalog::Effect& effect : effects)
        json.push_back({{"class", catalog::to_string(effect.what)}, {"why", effect.why}});
    return json;
}

Json change_json(const catalog::ObjectChange& change) {
    Json json;
    json["class"] = catalog::to_string(change.worst());
    json["change"] = to_string(change.kind);
    json["kind"] = change.identity.kind;
    if (!change.identity.schema.empty()) json["schema"] = change.identity.schema;
    if (!change.identity.relation.empty()) json["relation"] = change.identity.relation;
    json["name"] = change.identity.name;
    if (!change.property.empty()) json["property"] = change.property;
    json["text"] = catalog::in_words(change);
    if (!change.before.empty()) json["before"] = change.before;
    if (!change.after.empty()) json["after"] = change.after;
    if (!change.gone.empty()) json["gone"] = change.gone;
    if (!change.come.empty()) json["come"] = change.come;
    if (!change.perhaps_renamed_to.empty()) json["perhaps_renamed_to"] = change.perhaps_renamed_to;
    if (!change.perhaps_renamed_from.empty()) json["perhaps_renamed_from"] = change.perhaps_renamed_from;
    json["effects"] = effects_json(change.effects);
    return json;
}

Json queries_json(const BlamedChange& blamed, const SchemaBlame& blame) {
    const double hours = (blame.last - blame.first).to_seconds() / 3600;
    Json json = Json::array();
    for (const TouchingQuery& query : blamed.queries) {
        Json one{{"fingerprint", query.fingerprint.hex()}, {"statement", query.statement}, {"writes", query.writes},
                 {"executions", query.executions},         {"last", utc_text(query.last)}, {"users", query.users}};
        if (hours > 0) one["per_hour"] = static_cast<double>(query.executions) / hours;
        json.push_back(std::move(one));
    }
    return json;
}

}  // namespace

std::string to_json(const DiffReport& report) {
    Json json;
    json["version"] = kDiffFormatVersion;
    json["before"] = {{"name", report.before}, {"fingerprint", report.fingerprint_before}};
    json["after"] = {{"name", report.after}, {"fingerprint", report.fingerprint_after}};
    json["unread"] = Json::array();
    for (const catalog::UnreadPart& part : report.unread)
        json["unread"].push_back({{"what", part.what}, {"why", part.why}});
    if (report.blame) {
        json["capture"] = {{"first", utc_text(report.blame->first)},
                           {"last", utc_text(report.blame->last)},
                           {"statements", report.blame->statements},
                           {"unparsed", report.blame->unparsed},
                           {"executions", report.blame->executions}};
    }
    json["changes"] = Json::array();
    for (std::size_t i = 0; i < report.changes.size(); ++i) {
        Json change = change_json(report.changes[i]);
        if (report.blame) {
            const BlamedChange& blamed = report.blame->changes[i];
            change["breaks_recorded"] = blamed.breaks();
            change["felt"] = effects_json(blamed.felt);
            change["spared"] = blamed.spared;
            change["queries"] = queries_json(blamed, *report.blame);
        }
        json["changes"].push_back(std::move(change));
    }
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace understudy::schema
