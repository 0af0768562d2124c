#include "compare/analysis/schema_change.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

#include "compare/diff/type_names.hpp"

namespace understudy::compare {
namespace {

using catalog::Catalog;

/// One thing of a catalogue under its name, and everything about it that can change as one text.
struct Thing {
    Bytes relation;
    Bytes object;
    Bytes what;  ///< "column discount of orders"
    Bytes details;
    bool constraint = false;
    bool setting = false;
};
using Things = std::map<Bytes, Thing>;

Bytes shown(const catalog::Relation& relation) {
    return relation.schema == "public" ? relation.name : relation.schema + "." + relation.name;
}

std::string_view kind_in_words(char kind) {
    switch (kind) {
        case 'v': return "view";
        case 'm': return "materialised view";
        case 'f': return "foreign table";
        case 'p': return "partitioned table";
        case 'c': return "type";
        default: return "table";
    }
}

class Collector {
public:
    explicit Collector(const Catalog& catalog) : catalog_(catalog) {}

    Things collect() {
        for (const catalog::Relation& relation : catalog_.relations) {
            add({relation.name, {}, "relation " + shown(relation), fmt::format("a {}, owned by {}",
                                                                               kind_in_words(relation.kind), relation.owner)});
        }
        for (const catalog::Attribute& attribute : catalog_.attributes) add_column(attribute);
        for (const catalog::Key& key : catalog_.keys) {
            of(key.relation, "constraint", key.name, fmt::format("{}{} ({})", key.primary ? "primary key" : "unique",
                                                          key.nulls_not_distinct ? " nulls not distinct" : "",
                                                          columns(key.relation, key.columns)), true);
        }
        for (const catalog::ForeignKey& key : catalog_.foreign_keys) {
            const auto* other = catalog_.relation(key.referenced_relation);
            of(key.relation, "constraint", key.name,
               fmt::format("foreign key ({}) to {} ({}), on delete {}, on update {}{}{}", columns(key.relation, key.columns),
                           other != nullptr ? shown(*other) : Bytes("?"),
                           columns(key.referenced_relation, key.referenced_columns), action(key.on_delete),
                           action(key.on_update), key.deferrable ? ", deferrable" : "", key.deferred ? ", deferred" : ""), true);
        }
        for (const catalog::Trigger& trigger : catalog_.triggers) {
            of(trigger.relation, "trigger", trigger.name, fmt::format("enabled {}, type {}{}, runs {}", trigger.enabled,
                                                                      trigger.type, trigger.deferrable ? ", deferrable" : "",
                                                                      function(trigger.function)));
        }
        for (const catalog::Rule& rule : catalog_.rules) {
            of(rule.relation, "rule", rule.name, fmt::format("event {}, {}, enabled {}", static_cast<int>(rule.event),
                                                             rule.instead ? "instead" : "also", rule.enabled));
        }
        add_others();
        return std::move(things_);
    }

private:
    void add(Thing&& thing) {
        Bytes key = thing.what;
        things_.emplace(std::move(key), std::move(thing));
    }
    void of(std::uint32_t oid, const char* kind, const Bytes& name, Bytes details, bool constraint = false) {
        const catalog::Relation* relation = catalog_.relation(oid);
        if (relation == nullptr) return;
        add({relation->name, name, fmt::format("{} {} of {}", kind, name, shown(*relation)), std::move(details), constraint});
    }
    void add_column(const catalog::Attribute& attribute) {
        Bytes details = with_modifier(catalog_.type_name(attribute.type_oid), attribute.type_oid, attribute.typmod);
        if (attribute.not_null) details += " not null";
        if (!attribute.default_text.empty()) details += " default " + attribute.default_text;
        if (attribute.identity != 0) details += attribute.identity == 'a' ? " identity always" : " identity by default";
        if (attribute.generated != 0) details += " generated";
        of(attribute.relation, "column", attribute.name, std::move(details));
    }
    void add_others() {
        for (const catalog::Sequence& sequence : catalog_.sequences) {
            add({sequence.name, {}, "sequence " + sequence.name, fmt::format("increment {}", sequence.increment)});
        }
        for (const catalog::Function& function : catalog_.functions) {
            add({{}, function.name, fmt::format("function {}({})", function.name, function.arguments),
                 fmt::format("{}, volatility {}", function.language, function.volatility)});
        }
        for (const catalog::Setting& setting : catalog_.settings) {
            add({{}, setting.name, fmt::format("setting {} of {}", setting.name,
                                               setting.role.empty() ? Bytes("the database") : "role " + setting.role),
                 setting.withheld ? Bytes("(withheld)") : setting.value, false, true});
        }
        for (const catalog::Type& type : catalog_.types) {
            if (type.labels.empty()) continue;
            add({{}, catalog_.type_name(type.oid), "enum " + catalog_.type_name(type.oid),
                 fmt::format("{}", fmt::join(type.labels, ", "))});
        }
    }
    [[nodiscard]] Bytes columns(std::uint32_t relation, const std::vector<std::int16_t>& numbers) const {
        Bytes text;
        for (const std::int16_t number : numbers) {
            const catalog::Attribute* attribute = catalog_.attribute(relation, number);
            text += (text.empty() ? "" : ", ") + (attribute != nullptr ? attribute->name : Bytes("?"));
        }
        return text;
    }
    [[nodiscard]] Bytes function(std::uint32_t oid) const {
        for (const catalog::Function& function : catalog_.functions) {
            if (function.oid == oid) return function.name;
        }
        return "a function";
    }
    static std::string_view action(char letter) {
        switch (letter) {
            case 'r': return "restrict";
            case 'c': return "cascade";
            case 'n': return "set null";
            case 'd': return "set default";
            default: return "no action";
        }
    }

    const Catalog& catalog_;
    Things things_;
};

/// A relation that is gone, or new, is said once, not column by column.
bool said_by_its_relation(const Thing& thing, const Things& others) {
    if (thing.object.empty() || thing.relation.empty()) return false;
    const std::size_t of = thing.what.rfind(" of ");
    return !others.contains("relation " + thing.what.substr(of + 4));
}

/// The columns of each relation in their order.
std::map<Bytes, std::pair<Bytes, std::vector<Bytes>>> columns_by_relation(const Catalog& catalog) {
    std::map<Bytes, std::pair<Bytes, std::vector<Bytes>>> columns;
    for (const catalog::Attribute& attribute : catalog.attributes) {
        const catalog::Relation* relation = catalog.relation(attribute.relation);
        if (relation == nullptr) continue;
        auto& [name, list] = columns[shown(*relation)];
        name = relation->name;
        list.push_back(attribute.name);
    }
    return columns;
}

/// Columns that both sides have, in another order: INSERT without a list of columns means others then.
void add_reordered(const Catalog& before, const Catalog& after, std::vector<SchemaChange>& changes) {
    const auto b = columns_by_relation(after);
    for (const auto& [key, named] : columns_by_relation(before)) {
        const auto other = b.find(key);
        if (other == b.end()) continue;
        const auto common = [](const std::vector<Bytes>& of, const std::vector<Bytes>& in) {
            std::vector<Bytes> both;
            for (const Bytes& name : of) {
                if (std::find(in.begin(), in.end(), name) != in.end()) both.push_back(name);
            }
            return both;
        };
        const auto left = common(named.second, other->second.second);
        const auto right = common(other->second.second, named.second);
        if (left == right) continue;
        changes.push_back({named.first, {},
                           fmt::format("the columns of {} come in another order: {}", key, fmt::join(right, ", ")), false,
                           false});
    }
}

}  // namespace

std::vector<SchemaChange> schema_changes(const Catalog& before, const Catalog& after) {
    const Things a = Collector(before).collect();
    const Things b = Collector(after).collect();
    std::vector<SchemaChange> changes;
    for (const auto& [name, thing] : a) {
        const auto other = b.find(name);
        if (other == b.end()) {
            if (!said_by_its_relation(thing, b)) {
                changes.push_back({thing.relation, thing.object, thing.what + " is gone", thing.constraint,
                                   thing.setting});
            }
        } else if (thing.details != other->second.details) {
            changes.push_back({thing.relation, thing.object,
                               fmt::format("{} was {}, is {}", thing.what, thing.details, other->second.details),
                               thing.constraint, thing.setting});
        }
    }
    for (const auto& [name, thing] : b) {
        if (a.contains(name) || said_by_its_relation(thing, a)) continue;
        changes.push_back({thing.relation, thing.object, fmt::format("{} is new: {}", thing.what, thing.details),
                           thing.constraint, thing.setting});
    }
    add_reordered(before, after, changes);
    return changes;
}

}  // namespace understudy::compare
