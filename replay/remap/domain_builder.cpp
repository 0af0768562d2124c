#include "replay/remap/domain_builder.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/pgwire/type_oid.hpp"
#include "core/sql/lexer.hpp"
#include "core/sql/literal_value.hpp"

namespace understudy::replay {
namespace {

using sql::Token;
using sql::TokenKind;

bool generates_values(BytesView function) {
    return function == "gen_random_uuid" || function.starts_with("uuid_generate_v") || function == "uuidv4" ||
           function == "uuidv7";
}

/// The built-in type that stands for all that an application can exchange with it.
std::uint32_t value_type(const catalog::Catalog& catalog, std::uint32_t type_oid) {
    constexpr int kMaxNesting = 16;  // of domains over domains
    for (int i = 0; i < kMaxNesting; ++i) {
        const catalog::Type* type = catalog.type(type_oid);
        if (type == nullptr || type->base_oid == 0) break;
        type_oid = type->base_oid;
    }
    namespace oid = pgwire::type_oid;
    switch (type_oid) {
        case oid::int2:
        case oid::int4:
        case oid::int8:
        case oid::oid: return oid::int8;
        case oid::numeric: return oid::numeric;
        case oid::uuid: return oid::uuid;
        default: return oid::text;
    }
}

std::uint64_t column_key(std::uint32_t relation, std::int16_t attribute) {
    return (std::uint64_t{relation} << 16U) | static_cast<std::uint16_t>(attribute);
}

}  // namespace

GeneratedDefault read_default(BytesView text) {
    GeneratedDefault found;
    for (Token token = sql::next_token(text, 0); token.kind != TokenKind::end;) {
        const Token next = sql::next_token(text, token.end());
        if (token.kind == TokenKind::word && next.is('(')) {
            const Bytes name = sql::to_lower(token.text);
            found.generates = found.generates || generates_values(name);
            if (name == "nextval") {
                found.generates = true;
                const Token argument = sql::next_token(text, next.end());
                if (argument.kind == TokenKind::string) found.sequences.push_back(sql::literal_value(argument));
            }
        }
        token = next;
    }
    return found;
}

std::vector<Bytes> name_parts(BytesView text) {
    std::vector<Bytes> parts;
    for (const Token& token : sql::Tokens(text)) {
        if (token.kind == TokenKind::word) {
            parts.push_back(sql::to_lower(token.text));
        } else if (token.kind == TokenKind::quoted_identifier) {
            Bytes name;
            for (std::size_t i = 0; i < token.body.size(); ++i) {
                name += token.body[i];
                if (token.body[i] == '"') ++i;
            }
            parts.push_back(std::move(name));
        } else if (!token.is('.')) {
            return {};
        }
    }
    return parts;
}

Result<IdentityDomains> DomainBuilder::build() {
    add_nodes();
    join_sequences();
    join_keys();
    join_inheritance();
    UNDERSTUDY_CHECK(join_declared());
    IdentityDomains domains;
    number_domains(domains);
    index(domains);
    return domains;
}

void DomainBuilder::add_nodes() {
    const std::size_t count = catalog_.attributes.size() + catalog_.sequences.size();
    parent_.resize(count);
    for (Node node = 0; node < count; ++node) parent_[node] = node;
    generated_.resize(count, false);
    for (Node node = 0; node < catalog_.attributes.size(); ++node) {
        generated_[node] = catalog_.attributes[node].identity != 0;
    }
    std::fill(generated_.begin() + static_cast<std::ptrdiff_t>(catalog_.attributes.size()), generated_.end(), true);
}

void DomainBuilder::join_sequences() {
    for (std::size_t i = 0; i < catalog_.sequences.size(); ++i) {
        const catalog::Sequence& sequence = catalog_.sequences[i];
        if (const auto owner = column_node(sequence.owner_relation, sequence.owner_attribute)) {
            generated_[*owner] = true;
            join(*owner, catalog_.attributes.size() + i);
        }
    }
    for (Node node = 0; node < catalog_.attributes.size(); ++node) {
        const catalog::Attribute& attribute = catalog_.attributes[node];
        if (!attribute.has_default || attribute.generated != 0) continue;
        const GeneratedDefault value = read_default(attribute.default_text);
        generated_[node] = generated_[node] || value.generates;
        for (const Bytes& name : value.sequences) {
            if (const auto sequence = sequence_node(name)) join(node, *sequence);
        }
    }
}

void DomainBuilder::join_keys() {
    for (const catalog::ForeignKey& key : catalog_.foreign_keys) {
        const std::size_t count = std::min(key.columns.size(), key.referenced_columns.size());
        for (std::size_t i = 0; i < count; ++i) {
            const auto referring = column_node(key.relation, key.columns[i]);
            const auto referred = column_node(key.referenced_relation, key.referenced_columns[i]);
            if (referring && referred) join(*referring, *referred);
        }
    }
}

void DomainBuilder::join_inheritance() {
    for (const auto& [one, other] : extra_.same) {
        const auto a = column_node(one.relation, one.attribute);
        const auto b = column_node(other.relation, other.attribute);
        if (a && b) join(*a, *b);
    }
    for (const auto& [child, parent] : extra_.inherits) {
        for (const catalog::Attribute& of_child : catalog_.attributes) {
            if (of_child.relation != child) continue;
            for (const catalog::Attribute& of_parent : catalog_.attributes) {
                if (of_parent.relation != parent || of_parent.name != of_child.name) continue;
                join(*column_node(child, of_child.number), *column_node(parent, of_parent.number));
            }
        }
    }
}

Result<void> DomainBuilder::join_declared() {
    for (const DeclaredIdentity& declared : extra_.declared) {
        UNDERSTUDY_TRY(const Node column, declared_node(declared.column, false));
        generated_[column] = true;
        if (declared.same.empty()) continue;
        UNDERSTUDY_TRY(const Node other, declared_node(declared.same, true));
        join(column, other);
    }
    return {};
}

Result<DomainBuilder::Node> DomainBuilder::declared_node(const Bytes& text, bool sequence_allowed) {
    const std::vector<Bytes> parts = name_parts(text);
    if (parts.size() >= 2 && parts.size() <= 3) {
        const Bytes schema = parts.size() == 3 ? parts[0] : Bytes();
        std::optional<Node> found;
        bool is_public = false;
        for (const catalog::Relation& relation : catalog_.relations) {
            if (relation.name != parts[parts.size() - 2]) continue;
            if (!schema.empty() && relation.schema != schema) continue;
            const auto node = column_named(relation.oid, parts.back());
            if (!node) continue;
            if (found && !is_public && relation.schema != "public") {
                return make_error(Errc::usage, fmt::format("--identity: {} is in several schemas; name one", text));
            }
            if (!found || relation.schema == "public") found = node;
            is_public = is_public || relation.schema == "public";
        }
        if (found) return *found;
    }
    if (sequence_allowed) {
        if (const auto sequence = sequence_node(text)) return *sequence;
    }
    return make_error(Errc::usage, fmt::format("--identity: the target has no column{} {}",
                                               sequence_allowed ? " or sequence" : "", text));
}

DomainBuilder::Node DomainBuilder::root(Node node) {
    while (parent_[node] != node) {
        parent_[node] = parent_[parent_[node]];
        node = parent_[node];
    }
    return node;
}

void DomainBuilder::join(Node a, Node b) {
    const Node of_a = root(a);
    const Node of_b = root(b);
    parent_[std::max(of_a, of_b)] = std::min(of_a, of_b);
}

std::optional<DomainBuilder::Node> DomainBuilder::column_node(std::uint32_t relation, std::int16_t attribute) const {
    const catalog::Attribute* found = catalog_.attribute(relation, attribute);
    if (found == nullptr) return std::nullopt;
    return static_cast<Node>(found - catalog_.attributes.data());
}

std::optional<DomainBuilder::Node> DomainBuilder::column_named(std::uint32_t relation, BytesView name) const {
    for (Node node = 0; node < catalog_.attributes.size(); ++node) {
        if (catalog_.attributes[node].relation == relation && catalog_.attributes[node].name == name) return node;
    }
    return std::nullopt;
}

std::optional<DomainBuilder::Node> DomainBuilder::sequence_node(BytesView name) const {
    const std::vector<Bytes> parts = name_parts(name);
    std::optional<Node> found;
    for (std::size_t i = 0; i < catalog_.sequences.size(); ++i) {
        const catalog::Sequence& sequence = catalog_.sequences[i];
        if (parts.empty() || sequence.name != parts.back()) continue;
        if (parts.size() > 1 && sequence.schema != parts[parts.size() - 2]) continue;
        const bool preferred = parts.size() == 1 && sequence.schema == "public";
        if (!found || preferred) found = catalog_.attributes.size() + i;
    }
    return found;
}

std::string DomainBuilder::node_name(Node node) const {
    const auto named = [](const Bytes& schema, const Bytes& name) {
        return schema == "public" ? name : fmt::format("{}.{}", schema, name);
    };
    if (node >= catalog_.attributes.size()) {
        const catalog::Sequence& sequence = catalog_.sequences[node - catalog_.attributes.size()];
        return named(sequence.schema, sequence.name);
    }
    const catalog::Attribute& attribute = catalog_.attributes[node];
    const catalog::Relation* relation = catalog_.relation(attribute.relation);
    const std::string table = relation == nullptr ? "?" : named(relation->schema, relation->name);
    return fmt::format("{}.{}", table, attribute.name);
}

void DomainBuilder::number_domains(IdentityDomains& out) {
    std::map<Node, DomainId> of_root;
    domain_.assign(parent_.size(), 0);
    // The first that generates gives the name: columns come before sequences.
    for (Node node = 0; node < parent_.size(); ++node) {
        if (!generated_[node]) continue;
        const auto [at, is_new] = of_root.emplace(root(node), static_cast<DomainId>(out.domains_.size() + 1));
        if (!is_new) continue;
        const bool column = node < catalog_.attributes.size();
        out.domains_.push_back({node_name(node), column ? value_type(catalog_, catalog_.attributes[node].type_oid)
                                                        : pgwire::type_oid::int8});
    }
    for (Node node = 0; node < parent_.size(); ++node) {
        const auto found = of_root.find(root(node));
        if (found != of_root.end()) domain_[node] = found->second;
    }
}

void DomainBuilder::index(IdentityDomains& out) {
    Node node = 0;
    for (const catalog::Attribute& attribute : catalog_.attributes) {
        const bool generates = generated_[node];
        const DomainId domain = domain_[node++];
        const catalog::Relation* relation = catalog_.relation(attribute.relation);
        if (relation == nullptr) continue;
        if (domain != 0) {
            out.by_column_[column_key(attribute.relation, attribute.number)] = domain;
            out.tables_.insert(relation->name);
        }
        auto& tables = out.by_name_[relation->name];
        if (tables.empty() || tables.back().oid != relation->oid)
            tables.push_back({relation->schema, relation->oid, 0, {}});
        IdentityDomains::Table& table = tables.back();
        if (generates && table.own == 0) table.own = domain;
        table.columns.emplace_back(attribute.name, domain);
    }
    for (const catalog::Sequence& sequence : catalog_.sequences) {
        const DomainId domain = domain_[node++];
        out.sequences_[sequence.schema + "." + sequence.name] = domain;
        const bool preferred = sequence.schema == "public";
        if (preferred || !out.sequences_.contains(sequence.name)) out.sequences_[sequence.name] = domain;
    }
}

}  // namespace understudy::replay
