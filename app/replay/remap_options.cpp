#include "app/replay/remap_options.hpp"

#include "core/sql/access.hpp"

namespace understudy::app {
namespace {

/// The search_path that the target gives each role, "" for the others.
std::map<Bytes, Bytes> role_paths(const catalog::Catalog& catalog) {
    std::map<Bytes, Bytes> paths;
    // What is set for the role in this database goes before what is set for it in all.
    for (const bool every_database : {true, false}) {
        for (const catalog::Setting& setting : catalog.settings) {
            if (setting.name == "search_path" && setting.every_database == every_database && !setting.withheld) {
                paths[setting.role] = setting.value;
            }
        }
    }
    return paths;
}

/// Columns that are the same in two places: a view's and its table's, a partition's and its parent's.
replay::IdentityDomains::Extra joined_columns(const catalog::Catalog& catalog) {
    replay::IdentityDomains::Extra extra;
    for (const catalog::ViewColumn& column : catalog.view_columns) {
        extra.same.push_back({{column.view, column.number}, {column.base, column.base_number}});
    }
    for (const catalog::Inheritance& link : catalog.inheritance) extra.inherits.emplace_back(link.child, link.parent);
    return extra;
}

/// Reads statements as the target would: which table an unqualified column is of. `catalog` must outlive it.
replay::AccessReader access_reader(const catalog::Catalog& catalog) {
    return [&catalog](BytesView sql, const std::vector<Bytes>& search_path) {
        return sql::statement_accesses(
            sql, [&](BytesView schema, BytesView table, BytesView column) -> std::optional<bool> {
                const catalog::Relation* relation = catalog.relation_named(schema, table, search_path);
                if (relation == nullptr) return std::nullopt;
                return catalog.attribute_named(relation->oid, column) != nullptr;
            });
    };
}

}  // namespace

void add_remap_options(CLI::App& command, RemapOptions& options) {
    command.add_flag("--no-remap", options.off,
                     "Send ids as recorded, also where the target generated others in their place");
    command.add_option("--identity", options.identities,
                       "TABLE.COLUMN whose values are generated, beside those that the catalogue shows; with "
                       "=TABLE.COLUMN or =SEQUENCE those that are the same; may be given more than once");
}

Result<std::unique_ptr<replay::RemapContext>> make_remap(const RemapOptions& options, const catalog::Catalog& catalog,
                                                         const Digester& digester) {
    replay::IdentityDomains::Extra extra = joined_columns(catalog);
    for (const std::string& text : options.identities) {
        UNDERSTUDY_TRY(auto declared, replay::parse_identity(text));
        extra.declared.push_back(std::move(declared));
    }
    UNDERSTUDY_TRY(auto domains, replay::IdentityDomains::make(catalog, extra));
    if (options.off) return std::unique_ptr<replay::RemapContext>();
    auto context = std::make_unique<replay::RemapContext>(std::move(domains), digester, access_reader(catalog));
    context->role_paths = role_paths(catalog);
    return context;
}

}  // namespace understudy::app
