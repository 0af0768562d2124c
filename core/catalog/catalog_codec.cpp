#include "core/catalog/catalog_codec.hpp"

#include <limits>
#include <utility>

#include "catalog.pb.h"

namespace understudy::catalog {
namespace {

std::uint32_t letter(char c) { return static_cast<std::uint8_t>(c); }

template <class Numbers>
void put_columns(const std::vector<std::int16_t>& from, Numbers* to) {
    for (const std::int16_t number : from) to->Add(number);
}

/// Narrows what Protobuf keeps in 32 bits, and remembers whether something did not fit.
class Narrow {
public:
    char letter(std::uint32_t value) {
        fits_ = fits_ && value < 128;
        return static_cast<char>(value & 127U);
    }
    std::int16_t number(std::int32_t value) {
        fits_ = fits_ && value >= std::numeric_limits<std::int16_t>::min() &&
                value <= std::numeric_limits<std::int16_t>::max();
        return static_cast<std::int16_t>(value);
    }
    template <class Numbers>
    std::vector<std::int16_t> columns(const Numbers& from) {
        std::vector<std::int16_t> to;
        for (const std::int32_t value : from) to.push_back(number(value));
        return to;
    }
    [[nodiscard]] bool fits() const { return fits_; }

private:
    bool fits_ = true;
};

void put_tables(const Catalog& from, v1::Catalog& to) {
    for (const Relation& relation : from.relations) {
        v1::Relation* out = to.add_relations();
        out->set_oid(relation.oid);
        out->set_schema(relation.schema);
        out->set_name(relation.name);
        out->set_kind(letter(relation.kind));
        out->set_owner(relation.owner);
    }
    for (const Attribute& attribute : from.attributes) {
        v1::Attribute* out = to.add_attributes();
        out->set_relation(attribute.relation);
        out->set_number(attribute.number);
        out->set_name(attribute.name);
        out->set_type_oid(attribute.type_oid);
        out->set_typmod(attribute.typmod);
        out->set_not_null(attribute.not_null);
        out->set_has_default(attribute.has_default);
        out->set_default_text(attribute.default_text);
        out->set_identity(letter(attribute.identity));
        out->set_generated(letter(attribute.generated));
    }
    for (const Key& key : from.keys) {
        v1::Key* out = to.add_keys();
        out->set_relation(key.relation);
        out->set_name(key.name);
        out->set_primary(key.primary);
        put_columns(key.columns, out->mutable_columns());
        out->set_nulls_not_distinct(key.nulls_not_distinct);
    }
    for (const ForeignKey& key : from.foreign_keys) {
        v1::ForeignKey* out = to.add_foreign_keys();
        out->set_relation(key.relation);
        out->set_name(key.name);
        put_columns(key.columns, out->mutable_columns());
        out->set_referenced_relation(key.referenced_relation);
        put_columns(key.referenced_columns, out->mutable_referenced_columns());
        out->set_on_delete(letter(key.on_delete));
        out->set_on_update(letter(key.on_update));
        out->set_deferrable(key.deferrable);
        out->set_deferred(key.deferred);
    }
}

void get_tables(const v1::Catalog& from, Catalog& to, Narrow& narrow) {
    for (const v1::Relation& in : from.relations()) {
        to.relations.push_back({in.oid(), in.schema(), in.name(), narrow.letter(in.kind()), in.owner()});
    }
    for (const v1::Attribute& in : from.attributes()) {
        to.attributes.push_back({in.relation(), narrow.number(in.number()), in.name(), in.type_oid(), in.typmod(),
                                 in.not_null(), in.has_default(), in.default_text(), narrow.letter(in.identity()),
                                 narrow.letter(in.generated())});
    }
    for (const v1::Key& in : from.keys()) {
        to.keys.push_back({in.relation(), in.name(), in.primary(), narrow.columns(in.columns()), in.nulls_not_distinct()});
    }
    for (const v1::ForeignKey& in : from.foreign_keys()) {
        to.foreign_keys.push_back({in.relation(), in.name(), narrow.columns(in.columns()), in.referenced_relation(),
                                   narrow.columns(in.referenced_columns()), narrow.letter(in.on_delete()),
                                   in.on_update() == 0 ? 'a' : narrow.letter(in.on_update()), in.deferrable(),
                                   in.deferred()});
    }
}

void put_others(const Catalog& from, v1::Catalog& to) {
    for (const Type& type : from.types) {
        v1::Type* out = to.add_types();
        out->set_oid(type.oid);
        out->set_schema(type.schema);
        out->set_name(type.name);
        out->set_kind(letter(type.kind));
        out->set_element_oid(type.element_oid);
        out->set_base_oid(type.base_oid);
        for (const Bytes& label : type.labels) out->add_labels(label);
        out->set_relation_oid(type.relation_oid);
        out->set_subtype_oid(type.subtype_oid);
    }
    for (const Sequence& sequence : from.sequences) {
        v1::Sequence* out = to.add_sequences();
        out->set_oid(sequence.oid);
        out->set_schema(sequence.schema);
        out->set_name(sequence.name);
        out->set_owner_relation(sequence.owner_relation);
        out->set_owner_attribute(sequence.owner_attribute);
        out->set_increment(sequence.increment);
        out->set_value_known(sequence.last_value.has_value());
        out->set_last_value(sequence.last_value.value_or(0));
        out->set_is_called(sequence.is_called);
    }
    for (const Function& function : from.functions) {
        v1::Function* out = to.add_functions();
        out->set_schema(function.schema);
        out->set_name(function.name);
        out->set_arguments(function.arguments);
        out->set_volatility(letter(function.volatility));
        out->set_kind(letter(function.kind));
        out->set_oid(function.oid);
        out->set_language(function.language);
        out->set_touches_known(function.touches_known);
        for (const Touch& touch : function.touches) {
            v1::Touch* touched = out->add_touches();
            touched->set_schema(touch.schema);
            touched->set_name(touch.name);
            touched->set_written(touch.written);
            touched->set_inserted(touch.inserted);
            for (const RowMatch& match : touch.matches) {
                v1::RowMatch* matched = touched->add_matches();
                matched->set_column(match.column);
                matched->set_row_column(match.row_column);
                matched->set_old(match.old);
            }
        }
    }
    for (const Setting& setting : from.settings) {
        v1::Setting* out = to.add_settings();
        out->set_role(setting.role);
        out->set_every_database(setting.every_database);
        out->set_name(setting.name);
        out->set_value(setting.value);
        out->set_withheld(setting.withheld);
    }
}

void get_others(const v1::Catalog& from, Catalog& to, Narrow& narrow) {
    for (const v1::Type& in : from.types()) {
        to.types.push_back({in.oid(),
                            in.schema(),
                            in.name(),
                            narrow.letter(in.kind()),
                            in.element_oid(),
                            in.base_oid(),
                            {in.labels().begin(), in.labels().end()},
                            in.relation_oid(),
                            in.subtype_oid()});
    }
    for (const v1::Sequence& in : from.sequences()) {
        Sequence sequence{
            in.oid(),       in.schema(),  in.name(),     in.owner_relation(), narrow.number(in.owner_attribute()),
            in.increment(), std::nullopt, in.is_called()};
        if (in.value_known()) sequence.last_value = in.last_value();
        to.sequences.push_back(std::move(sequence));
    }
    for (const v1::Function& in : from.functions()) {
        Function function;
        function.schema = in.schema();
        function.name = in.name();
        function.arguments = in.arguments();
        function.volatility = narrow.letter(in.volatility());
        function.kind = narrow.letter(in.kind());
        function.oid = in.oid();
        function.language = in.language();
        function.touches_known = in.touches_known();
        for (const v1::Touch& touch : in.touches()) {
            Touch& touched = function.touches.emplace_back();
            touched.schema = touch.schema();
            touched.name = touch.name();
            touched.written = touch.written();
            touched.inserted = touch.inserted();
            for (const v1::RowMatch& match : touch.matches()) {
                touched.matches.push_back({match.column(), match.row_column(), match.old()});
            }
        }
        to.functions.push_back(std::move(function));
    }
    for (const v1::Setting& in : from.settings()) {
        to.settings.push_back({in.role(), in.every_database(), in.name(), in.value(), in.withheld()});
    }
}

void put_dependencies(const Catalog& from, v1::Catalog& to) {
    to.set_dependencies_read(from.dependencies_read);
    for (const Inheritance& one : from.inheritance) {
        v1::Inheritance* out = to.add_inheritance();
        out->set_child(one.child);
        out->set_parent(one.parent);
        out->set_partition(one.partition);
    }
    for (const PartitionKey& key : from.partition_keys) {
        v1::PartitionKey* out = to.add_partition_keys();
        out->set_relation(key.relation);
        out->set_strategy(letter(key.strategy));
        put_columns(key.columns, out->mutable_columns());
    }
    for (const RuleDependency& one : from.rule_dependencies) {
        v1::RuleDependency* out = to.add_rule_dependencies();
        out->set_relation(one.relation);
        out->set_depends_on(one.depends_on);
    }
    for (const ViewColumn& column : from.view_columns) {
        v1::ViewColumn* out = to.add_view_columns();
        out->set_view(column.view);
        out->set_number(column.number);
        out->set_base(column.base);
        out->set_base_number(column.base_number);
    }
    for (const Trigger& trigger : from.triggers) {
        v1::Trigger* out = to.add_triggers();
        out->set_relation(trigger.relation);
        out->set_name(trigger.name);
        out->set_function(trigger.function);
        out->set_enabled(letter(trigger.enabled));
        out->set_type(trigger.type);
        out->set_deferrable(trigger.deferrable);
    }
    for (const Rule& rule : from.rules) {
        v1::Rule* out = to.add_rules();
        out->set_relation(rule.relation);
        out->set_name(rule.name);
        out->set_event(letter(rule.event));
        out->set_instead(rule.instead);
        out->set_enabled(letter(rule.enabled));
    }
}

void get_dependencies(const v1::Catalog& from, Catalog& to, Narrow& narrow) {
    to.dependencies_read = from.dependencies_read();
    for (const v1::Inheritance& in : from.inheritance()) {
        to.inheritance.push_back({in.child(), in.parent(), in.partition()});
    }
    for (const v1::PartitionKey& in : from.partition_keys()) {
        to.partition_keys.push_back({in.relation(), narrow.letter(in.strategy()), narrow.columns(in.columns())});
    }
    for (const v1::RuleDependency& in : from.rule_dependencies()) {
        to.rule_dependencies.push_back({in.relation(), in.depends_on()});
    }
    for (const v1::ViewColumn& in : from.view_columns()) {
        to.view_columns.push_back({in.view(), narrow.number(in.number()), in.base(), narrow.number(in.base_number())});
    }
    for (const v1::Trigger& in : from.triggers()) {
        to.triggers.push_back(
            {in.relation(), in.name(), in.function(), narrow.letter(in.enabled()), in.type(), in.deferrable()});
    }
    for (const v1::Rule& in : from.rules()) {
        to.rules.push_back(
            {in.relation(), in.name(), narrow.letter(in.event()), in.instead(), narrow.letter(in.enabled())});
    }
}

}  // namespace

Bytes encode(const Catalog& catalog) {
    v1::Catalog message;
    message.set_database(catalog.database);
    put_tables(catalog, message);
    put_others(catalog, message);
    put_dependencies(catalog, message);
    return message.SerializeAsString();
}

Result<Catalog> decode(BytesView bytes) {
    if (bytes.size() > kMaxCatalogBytes)
        return make_error(Errc::limit, "a catalogue is longer than the limit of 31 MiB");
    v1::Catalog message;
    if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
        return make_error(Errc::malformed, "the catalogue in the capture cannot be decoded");
    }
    Catalog catalog;
    Narrow narrow;
    catalog.database = message.database();
    get_tables(message, catalog, narrow);
    get_others(message, catalog, narrow);
    get_dependencies(message, catalog, narrow);
    if (!narrow.fits()) return make_error(Errc::malformed, "the catalogue in the capture holds impossible numbers");
    catalog.sort();
    return catalog;
}

}  // namespace understudy::catalog
