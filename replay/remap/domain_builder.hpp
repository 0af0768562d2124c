#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "replay/remap/identity_domains.hpp"

namespace understudy::replay {

/// What a column's default generates.
struct GeneratedDefault {
    bool generates = false;
    std::vector<Bytes> sequences;  ///< as in nextval('…')
};
GeneratedDefault read_default(BytesView default_text);

/// A dotted name's parts, folded unless quoted: `shop."Order".id`.
std::vector<Bytes> name_parts(BytesView text);

/// Makes the IdentityDomains of a catalogue: a union-find over its columns and sequences.
class DomainBuilder {
public:
    DomainBuilder(const catalog::Catalog& catalog, const IdentityDomains::Extra& extra)
        : catalog_(catalog), extra_(extra) {}

    Result<IdentityDomains> build();

private:
    using Node = std::size_t;

    void add_nodes();
    void join_sequences();
    void join_keys();
    void join_inheritance();
    Result<void> join_declared();
    Result<Node> declared_node(const Bytes& text, bool sequence_allowed);
    void join(Node a, Node b);
    Node root(Node node);
    void number_domains(IdentityDomains& out);
    void index(IdentityDomains& out);
    [[nodiscard]] std::optional<Node> column_node(std::uint32_t relation, std::int16_t attribute) const;
    [[nodiscard]] std::optional<Node> column_named(std::uint32_t relation, BytesView name) const;
    [[nodiscard]] std::optional<Node> sequence_node(BytesView name) const;
    [[nodiscard]] std::string node_name(Node node) const;

    const catalog::Catalog& catalog_;
    const IdentityDomains::Extra& extra_;
    std::vector<Node> parent_;      // columns in the catalogue's order, then sequences
    std::vector<bool> generated_;   // of a node
    std::vector<DomainId> domain_;  // of a node
};

}  // namespace understudy::replay
