#include "core/catalog/snapshot/snapshot_rows.hpp"

#include "core/catalog/read_catalog.hpp"
#include "core/catalog/snapshot/canonical_text.hpp"
#include "core/catalog/target_marker.hpp"

namespace understudy::catalog {
namespace {

constexpr std::size_t kIdentityColumns = 4;

Error unexpected() { return make_error(Errc::protocol, "the server's catalogues are not of the expected form"); }

void withhold(SchemaObject& object) {
    const Bytes& kind = object.identity.kind;
    for (Property& property : object.properties) {
        auto* text = std::get_if<Bytes>(&property.value);
        if (text == nullptr) continue;
        if (kind.starts_with("setting") && !keeps_setting_value(object.identity.name)) *text = "(withheld)";
        if (kind == "database" && property.name == "comment") *text = comment_with_marker(*text, std::nullopt);
    }
    std::erase_if(object.properties, [&](const Property& property) {
        return kind == "database" && property.name == "comment" && property.text().empty();
    });
}

}  // namespace

Result<SchemaObject> object_of_row(const SnapshotPart& part, const Row& row) {
    if (row.size() != kIdentityColumns + part.properties.size()) return unexpected();
    for (std::size_t i = 0; i < kIdentityColumns; ++i) {
        if (!row[i]) return unexpected();
    }
    SchemaObject object;
    object.identity = {*row[0], *row[1], *row[2], *row[3]};
    for (std::size_t i = 0; i < part.properties.size(); ++i) {
        const auto& cell = row[kIdentityColumns + i];
        if (!cell) continue;
        BytesView name = part.properties[i];
        const bool definition = name.ends_with("=");
        if (definition) name.remove_suffix(1);
        if (!name.ends_with("[]")) {
            object.properties.push_back({Bytes(name), definition ? canonical_definition(*cell) : *cell});
            continue;
        }
        UNDERSTUDY_TRY(auto items, parse_text_array(*cell));
        if (definition) {
            for (Bytes& item : items) item = canonical_definition(std::move(item));
        }
        object.properties.push_back({Bytes(name.substr(0, name.size() - 2)), std::move(items)});
    }
    withhold(object);
    return object;
}

}  // namespace understudy::catalog
