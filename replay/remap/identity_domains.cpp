#include "replay/remap/identity_domains.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "replay/remap/domain_builder.hpp"

namespace understudy::replay {

Result<DeclaredIdentity> parse_identity(const std::string& text) {
    const std::size_t equals = text.find('=');
    DeclaredIdentity declared{text.substr(0, equals), equals == std::string::npos ? "" : text.substr(equals + 1)};
    const std::size_t parts = name_parts(declared.column).size();
    const bool joins = equals != std::string::npos;
    if (parts < 2 || parts > 3 || (joins && name_parts(declared.same).empty())) {
        return make_error(Errc::usage,
                          fmt::format("--identity takes TABLE.COLUMN or TABLE.COLUMN=TABLE.COLUMN, not '{}'", text));
    }
    return declared;
}

Result<IdentityDomains> IdentityDomains::make(const catalog::Catalog& catalog, const Extra& extra) {
    return DomainBuilder(catalog, extra).build();
}

DomainId IdentityDomains::of_column(std::uint32_t relation, std::int16_t attribute) const {
    const auto found = by_column_.find((std::uint64_t{relation} << 16U) | static_cast<std::uint16_t>(attribute));
    return found == by_column_.end() ? 0 : found->second;
}

const IdentityDomains::Table* IdentityDomains::find(BytesView schema, BytesView table,
                                                    const std::vector<Bytes>& search_path) const {
    const auto found = by_name_.find(Bytes(table));
    if (found == by_name_.end()) return nullptr;
    const auto in_schema = [&](BytesView name) {
        const auto at = std::find_if(found->second.begin(), found->second.end(),
                                     [&](const Table& candidate) { return candidate.schema == name; });
        return at == found->second.end() ? nullptr : &*at;
    };
    if (!schema.empty()) return in_schema(schema);
    for (const Bytes& name : search_path) {
        if (const Table* here = in_schema(name)) return here;
    }
    return found->second.size() == 1 ? &found->second.front() : nullptr;
}

DomainId IdentityDomains::of_column(BytesView schema, BytesView table, BytesView column, std::size_t position,
                                    const std::vector<Bytes>& search_path) const {
    const Table* found = find(schema, table, search_path);
    if (found == nullptr) return 0;
    if (column.empty()) {
        return position >= 1 && position <= found->columns.size() ? found->columns[position - 1].second : 0;
    }
    for (const auto& [name, domain] : found->columns) {
        if (name == column) return domain;
    }
    return 0;
}

std::vector<DomainId> IdentityDomains::of_columns(BytesView schema, BytesView table,
                                                  const std::vector<Bytes>& search_path) const {
    std::vector<DomainId> domains;
    if (const Table* found = find(schema, table, search_path)) {
        for (const auto& [name, domain] : found->columns) domains.push_back(domain);
    }
    return domains;
}

DomainId IdentityDomains::generated_by(BytesView schema, BytesView table, const std::vector<Bytes>& search_path) const {
    const Table* found = find(schema, table, search_path);
    return found == nullptr ? 0 : found->own;
}

DomainId IdentityDomains::of_sequence(BytesView name) const {
    const std::vector<Bytes> parts = name_parts(name);
    if (parts.empty()) return 0;
    const Bytes key = parts.size() == 1 ? parts[0] : parts[parts.size() - 2] + "." + parts.back();
    const auto found = sequences_.find(key);
    return found == sequences_.end() ? 0 : found->second;
}

}  // namespace understudy::replay
