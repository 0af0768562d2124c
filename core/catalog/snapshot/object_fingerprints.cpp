#include "core/catalog/snapshot/object_fingerprints.hpp"

#include <algorithm>
#include <utility>

#include "core/catalog/snapshot/names_in_text.hpp"
#include "core/catalog/snapshot/reference_graph.hpp"
#include "core/catalog/snapshot/snapshot_fingerprint.hpp"
#include "core/catalog/snapshot/snapshot_hasher.hpp"

namespace understudy::catalog {
namespace {

using Node = std::uint32_t;
constexpr Node kEnvironment = 0;

bool one_of(BytesView text, std::initializer_list<BytesView> of) {
    return std::find(of.begin(), of.end(), text) != of.end();
}

/// What can be looked up by its name, and so is no part of the environment.
bool stands_alone(const ObjectIdentity& identity) {
    return one_of(identity.kind, {"relation", "sequence", "composite type", "enum", "domain", "range", "base type",
                                  "function", "schema", "statistics"});
}

bool part_of_relation(const ObjectIdentity& identity) {
    return one_of(identity.kind, {"column", "constraint", "index", "trigger", "rule", "policy"});
}

/// The names that a statement can have for it. That of a function ends at a bracket, or has one in it; PostgreSQL puts
/// an underscore before the name of an array's type.
std::vector<Bytes> names_of(const SchemaObject& object) {
    const Bytes& name = object.identity.name;
    std::vector<Bytes> names;
    if (object.identity.kind == "function") {
        for (std::size_t at = name.find('('); at != Bytes::npos; at = name.find('(', at + 1))
            names.push_back(name.substr(0, at));
        return names;
    }
    names.push_back(name);
    if (object.identity.kind == "schema") return names;
    names.push_back(("_" + name).substr(0, 63));
    for (const auto& [schema, multirange] : names_in_text(object.text("multirange")).qualified)
        names.push_back(multirange);
    return names;
}

/// The object, the relation or the domain that it belongs to.
ObjectIdentity owner_of(const ObjectIdentity& identity, const Snapshot& snapshot) {
    if (identity.kind == "domain constraint") return {"domain", identity.schema, {}, identity.relation};
    if (!part_of_relation(identity)) return identity;
    ObjectIdentity owner{"composite type", identity.schema, {}, identity.relation};
    if (snapshot.find(owner) == nullptr) owner.kind = "relation";
    return owner;
}

class Graph {
public:
    explicit Graph(const Snapshot& snapshot) : snapshot_(snapshot) {
        hashers_.emplace_back();
        hashers_[kEnvironment].number(static_cast<std::uint64_t>(snapshot.server_version));
        for (const SchemaObject& object : snapshot.objects) node_of(object);
        uses_.resize(hashers_.size());
        for (const SchemaObject& object : snapshot.objects) add(object);
        for (const UnreadPart& part : snapshot.unread) {
            hashers_[kEnvironment].text(part.what);
            hashers_[kEnvironment].text(part.why);
        }
    }

    ObjectFingerprints run() {
        std::vector<std::string> own;
        own.reserve(hashers_.size());
        for (SnapshotHasher& hasher : hashers_) own.push_back(hasher.hex());
        for (auto& of_node : uses_) {
            std::sort(of_node.begin(), of_node.end());
            of_node.erase(std::unique(of_node.begin(), of_node.end()), of_node.end());
        }
        const auto closed = closed_fingerprints(own, uses_);
        ObjectFingerprints result;
        result.environment = closed[kEnvironment];
        SnapshotHasher whole;
        whole.number(static_cast<std::uint64_t>(snapshot_.server_version));
        whole.text(fingerprint(snapshot_));
        result.whole = whole.hex();
        for (const auto& [identity, node] : nodes_) result.objects.emplace(identity, closed[node]);
        for (auto& [name, nodes] : by_name_) {
            std::set<BytesView> values;
            for (const Node node : nodes) values.insert(closed[node]);
            SnapshotHasher hasher;
            for (const BytesView value : values) hasher.text(value);
            result.names.emplace(name, hasher.hex());
        }
        return result;
    }

private:
    Node node_of(const SchemaObject& object) {
        const ObjectIdentity& identity = object.identity;
        if (identity.kind == "default privileges") return kEnvironment;  // of what is created later
        const ObjectIdentity owner = owner_of(identity, snapshot_);
        if (!stands_alone(owner)) return kEnvironment;
        const auto [at, is_new] = nodes_.try_emplace(owner, static_cast<Node>(hashers_.size()));
        if (is_new) hashers_.emplace_back();
        if (identity.kind == "function") functions_.insert(at->second);
        if (owner == identity) {
            for (Bytes& name : names_of(object)) {
                by_schema_[{identity.schema, name}].insert(at->second);
                by_name_[std::move(name)].insert(at->second);
            }
        }
        return at->second;
    }

    void hash(Node node, const SchemaObject& object) {
        SnapshotHasher& hasher = hashers_[node];
        hasher.identity(object.identity);
        for (const Property& property : object.properties) {
            if (property.name != "comment") hasher.property(property);
        }
        hasher.text({});
    }

    void use(Node from, Node to) {
        if (from != to) uses_[from].push_back(to);
    }

    [[nodiscard]] std::vector<Node> named_in(BytesView text) const {
        std::vector<Node> found;
        if (text.find('.') == BytesView::npos) return found;
        for (const auto& name : names_in_text(text).qualified) {
            if (const auto at = by_schema_.find(name); at != by_schema_.end())
                found.insert(found.end(), at->second.begin(), at->second.end());
        }
        return found;
    }

    void add(const SchemaObject& object) {
        const ObjectIdentity& identity = object.identity;
        if (identity.kind == "default privileges") return;
        const Node node = node_of(object);
        hash(node, object);
        const bool foreign_key = identity.kind == "constraint" && object.text("type") == "foreign key";
        if (foreign_key) return add_foreign_key(node, object);
        for (const Property& property : object.properties) {
            if (one_of(property.name, {"comment", "owner", "access", "columns"})) continue;
            const Bytes text = property.text();
            for (const Node to : named_in(text)) {
                // What is published, or has statistics, is no part of them: a statement finds it by its own name.
                const bool part = node != kEnvironment || functions_.contains(to);
                if (part && identity.kind != "statistics") use(node, to);
                // Who reads a parent reads its partitions; a column's own sequence gives it its values; statistics are
                // of a table.
                const bool both = property.name == "parents" || property.name == "owned by";
                if (both || identity.kind == "statistics") use(to, node);
            }
            if (identity.kind == "function" && property.name == "body") add_body(node, text);
        }
        if (const auto schema = nodes_.find({"schema", {}, {}, identity.schema}); schema != nodes_.end())
            use(node, schema->second);
    }

    /// A text that names things without their schemas.
    void add_body(Node node, BytesView body) {
        const NamesInText names = names_in_text(body);
        for (const Bytes& word : names.words) {
            const auto at = by_name_.find(word);
            if (at == by_name_.end()) continue;
            for (const Node to : at->second) use(node, to);
        }
        if (names.incomplete) hashers_[node].text(fingerprint(snapshot_));
    }

    /// Rows of the parent cannot go while the child refers to them; where the key cascades, the child's triggers and
    /// its own children follow.
    void add_foreign_key(Node child, const SchemaObject& key) {
        const Bytes definition = key.text("definition");
        const bool cascades =
            definition.find(" ON DELETE ") != Bytes::npos || definition.find(" ON UPDATE ") != Bytes::npos;
        for (const Node parent : named_in(key.text("references"))) {
            hash(parent, key);
            if (cascades) use(parent, child);
        }
    }

    const Snapshot& snapshot_;
    std::map<ObjectIdentity, Node> nodes_;
    std::vector<SnapshotHasher> hashers_;  // by node; the environment is the first
    std::map<std::pair<Bytes, Bytes>, std::set<Node>> by_schema_;
    std::map<Bytes, std::set<Node>> by_name_;
    std::set<Node> functions_;
    ReferenceGraph uses_;
};

}  // namespace

ObjectFingerprints object_fingerprints(const Snapshot& snapshot) { return Graph(snapshot).run(); }

std::string ObjectFingerprints::of_statement(BytesView sql) const {
    const NamesInText found = names_in_text(sql);
    if (found.incomplete) return whole;
    SnapshotHasher hasher;
    hasher.text(environment);
    for (const Bytes& word : found.words) {
        const auto at = names.find(word);
        if (at == names.end()) continue;
        hasher.text(word);
        hasher.text(at->second);
    }
    return hasher.hex();
}

}  // namespace understudy::catalog
