#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "schema/fidelity/difference.hpp"
#include "schema/fidelity/setting_classes.hpp"

namespace understudy::schema::fidelity {
namespace {

struct Meaning {
    DifferenceClass what;
    BytesView attribute;
};

Meaning meaning_of(SettingClass of) {
    switch (of) {
        case SettingClass::result: return {DifferenceClass::gate, "settings"};
        case SettingClass::timeout: return {DifferenceClass::warning, "timeouts"};
        case SettingClass::replication: return {DifferenceClass::warning, "replication"};
        case SettingClass::limit: return {DifferenceClass::warning, "limits"};
        case SettingClass::module: return {DifferenceClass::warning, "loaded modules"};
        case SettingClass::speed: return {DifferenceClass::latency, "memory and planner settings"};
        case SettingClass::unknown: return {DifferenceClass::warning, "settings not known to understudy"};
        case SettingClass::ignored: return {DifferenceClass::note, "settings of logs and places"};
    }
    return {DifferenceClass::note, "settings of logs and places"};
}

/// The configured settings of a database and of its roles, by where they are set.
using SetKey = std::pair<Bytes, Bytes>;  // kind and role, name
std::map<SetKey, Bytes> set_in_catalogue(const catalog::Snapshot& schema) {
    std::map<SetKey, Bytes> found;
    for (const catalog::SchemaObject& object : schema.objects) {
        if (!object.identity.kind.starts_with("setting")) continue;
        const Bytes where = object.identity.kind == "setting" ? "in this database" : "in every database";
        const Bytes whose = object.identity.relation.empty() ? "every role" : "role " + object.identity.relation;
        found[{fmt::format("{} {}", whose, where), object.identity.name}] = object.text("value");
    }
    return found;
}

class Settings {
public:
    Settings(const Environment& production, const Environment& staging, DifferenceList& out)
        : production_(production), staging_(staging), out_(out) {
        const Bytes* a = production.fact("major version");
        const Bytes* b = staging.fact("major version");
        other_major_ = a != nullptr && b != nullptr && *a != *b;
    }

    void in_catalogues() {
        const auto a = set_in_catalogue(production_.schema);
        const auto b = set_in_catalogue(staging_.schema);
        walk(
            a, b, [](const auto& entry) { return entry.first; },
            [&](const auto& x, const auto& y) {
                out_.count_compared();
                if (x.second != y.second) in_catalogue(x.first, x.second, y.second);
            },
            [&](const auto& x) { in_catalogue(x.first, x.second, {}); },
            [&](const auto& y) { in_catalogue(y.first, {}, y.second); });
    }

    void of_servers() {
        walk(
            production_.settings, staging_.settings, [](const SettingFact& one) { return one.name; },
            [&](const SettingFact& a, const SettingFact& b) { both(a, b); },
            [&](const SettingFact& a) { one_side(a, "staging"); },
            [&](const SettingFact& b) { one_side(b, "production"); });
        if (of_versions_ > 0) {
            out_.add(DifferenceClass::note, "defaults of the versions", "settings", {}, {},
                     fmt::format("{} settings have other defaults in the other major version", of_versions_));
        }
    }

private:
    /// What a session of another role gets, where the asking role does not hide it.
    [[nodiscard]] bool same_for_all(const Bytes& name) const {
        const auto known = [&](const Environment& side) -> const SettingFact* {
            for (const SettingFact& one : side.settings) {
                if (catalog_name(one.name) == catalog_name(name)) return one.hidden() ? nullptr : &one;
            }
            return nullptr;
        };
        const SettingFact* a = known(production_);
        const SettingFact* b = known(staging_);
        return a != nullptr && b != nullptr && a->value == b->value;
    }

    /// Names are compared without case, as the server does.
    static Bytes catalog_name(Bytes name) {
        std::transform(name.begin(), name.end(), name.begin(),
                       [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
        return name;
    }

    void in_catalogue(const SetKey& key, const Bytes& production, const Bytes& staging) {
        const auto& [where, name] = key;
        if (where == "every role in this database") {
            // postgresql.conf on one side and ALTER DATABASE on the other come to the same.
            if (same_for_all(name)) {
                out_.add(
                    DifferenceClass::note, "settings of logs and places", fmt::format("{} for {}", name, where),
                    production, staging,
                    fmt::format("{} is set for {} on one side only, to what it is on the other anyway", name, where));
                return;
            }
            said_.insert(catalog_name(name));
        }
        const Meaning meaning = meaning_of(class_of_setting(name));
        out_.add(meaning.what, Bytes(meaning.attribute), fmt::format("{} for {}", name, where), production, staging);
    }

    void both(const SettingFact& a, const SettingFact& b) {
        const SettingClass of = class_of_setting(a.name);
        if (a.hidden() || b.hidden()) {
            if (of == SettingClass::result || of == SettingClass::timeout) {
                out_.not_known("setting " + a.name, fmt::format("{} has a value of its own for the asking role",
                                                                a.hidden() ? "production" : "staging"));
            }
            return;
        }
        out_.count_compared();
        if (a.value == b.value || said_.count(catalog_name(a.name)) > 0) return;
        if (other_major_ && a.source == "default" && b.source == "default") {
            ++of_versions_;
            return;
        }
        const Meaning meaning = meaning_of(of);
        out_.add(meaning.what, Bytes(meaning.attribute), a.name, a.value, b.value);
    }

    void one_side(const SettingFact& one, BytesView other) {
        const bool of_extension = one.name.find('.') != Bytes::npos;
        if (other_major_ && !of_extension) return;  // a parameter that the other version does not have
        const SettingClass of = class_of_setting(one.name);
        if (of == SettingClass::ignored || one.source == "default") return;  // a module that is loaded on one side only
        out_.not_known("setting " + one.name, fmt::format("{} does not have it, or does not show it", other));
    }

    const Environment& production_;
    const Environment& staging_;
    DifferenceList& out_;
    std::set<Bytes> said_;  // reported where they are set
    std::size_t of_versions_ = 0;
    bool other_major_ = false;
};

}  // namespace

void compare_settings(const Environment& production, const Environment& staging, DifferenceList& out) {
    Settings settings(production, staging, out);
    settings.in_catalogues();
    settings.of_servers();
}

}  // namespace understudy::schema::fidelity
