#include "schema/fidelity/environment.hpp"

#include <algorithm>
#include <tuple>

namespace understudy::schema::fidelity {
namespace {

template <class Entry, class Key>
void arrange(std::vector<Entry>& entries, Key key) {
    std::stable_sort(entries.begin(), entries.end(), [&](const Entry& a, const Entry& b) { return key(a) < key(b); });
    entries.erase(
        std::unique(entries.begin(), entries.end(), [&](const Entry& a, const Entry& b) { return key(a) == key(b); }),
        entries.end());
}

template <class Entry>
const Entry* find_named(const std::vector<Entry>& entries, BytesView name) {
    const auto found = std::lower_bound(entries.begin(), entries.end(), name,
                                        [](const Entry& entry, BytesView wanted) { return entry.name < wanted; });
    return found != entries.end() && found->name == name ? &*found : nullptr;
}

}  // namespace

bool SettingFact::hidden() const {
    return source == "user" || source == "database user" || source == "client" || source == "session" ||
           source == "global";
}

void Environment::sort() {
    arrange(facts, [](const Fact& one) { return std::tie(one.name); });
    arrange(settings, [](const SettingFact& one) { return std::tie(one.name); });
    arrange(roles, [](const RoleFact& one) { return std::tie(one.name); });
    arrange(tables, [](const TableFact& one) { return std::tie(one.schema, one.name); });
    arrange(columns, [](const ColumnFact& one) { return std::tie(one.schema, one.table, one.column); });
    arrange(sequences, [](const SequenceFact& one) { return std::tie(one.schema, one.name); });
    arrange(unread, [](const catalog::UnreadPart& one) { return std::tie(one.what, one.why); });
}

const Bytes* Environment::fact(BytesView name) const {
    const Fact* found = find_named(facts, name);
    return found == nullptr ? nullptr : &found->value;
}

const SettingFact* Environment::setting(BytesView name) const { return find_named(settings, name); }

Bytes shown_name(const Bytes& schema, const Bytes& name) {
    return schema.empty() || schema == "public" ? name : schema + "." + name;
}

}  // namespace understudy::schema::fidelity
