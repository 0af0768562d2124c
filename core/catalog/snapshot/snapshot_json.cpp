#include <fmt/format.h>

#include <iterator>

#include "core/catalog/snapshot/json_text.hpp"
#include "core/catalog/snapshot/snapshot_codec.hpp"
#include "core/catalog/snapshot/snapshot_fingerprint.hpp"

namespace understudy::catalog {
namespace {

void put_member(std::string& out, BytesView name, BytesView value) {
    put_json_text(out, name);
    out += ": ";
    put_json_text(out, value);
}

void put_value(std::string& out, const Property& property) {
    if (const auto* text = std::get_if<Bytes>(&property.value)) {
        put_json_text(out, *text);
        return;
    }
    out += '[';
    bool first = true;
    for (const Bytes& item : std::get<PropertyList>(property.value)) {
        if (!first) out += ", ";
        first = false;
        put_json_text(out, item);
    }
    out += ']';
}

void put_object(std::string& out, const SchemaObject& object) {
    out += "{";
    put_member(out, "kind", object.identity.kind);
    for (const auto& [name, value] :
         {std::pair("schema", &object.identity.schema), std::pair("relation", &object.identity.relation),
          std::pair("name", &object.identity.name)}) {
        if (value->empty()) continue;
        out += ", ";
        put_member(out, name, *value);
    }
    out += ", \"properties\": {";
    bool first = true;
    for (const Property& property : object.properties) {
        if (!first) out += ", ";
        first = false;
        put_json_text(out, property.name);
        out += ": ";
        put_value(out, property);
    }
    out += "}}";
}

/// The elements of an array, each on a line of its own.
template <class Elements, class Put>
void put_lines(std::string& out, BytesView name, const Elements& elements, Put put) {
    fmt::format_to(std::back_inserter(out), ",\n\"{}\": [", name);
    bool first = true;
    for (const auto& element : elements) {
        out += first ? "\n" : ",\n";
        first = false;
        put(out, element);
    }
    out += first ? "]" : "\n]";
}

}  // namespace

std::string to_json(const Snapshot& snapshot) {
    std::string out;
    out.reserve(snapshot.objects.size() * 256);
    fmt::format_to(std::back_inserter(out), "{{\n\"understudy_snapshot\": {},\n\"server_version\": {},\n",
                   kSnapshotFormat, snapshot.server_version);
    put_member(out, "database", snapshot.database);
    out += ",\n";
    put_member(out, "fingerprint", fingerprint(snapshot));
    put_lines(out, "unread", snapshot.unread, [](std::string& to, const UnreadPart& part) {
        to += '{';
        put_member(to, "what", part.what);
        to += ", ";
        put_member(to, "why", part.why);
        to += '}';
    });
    if (!snapshot.roles.empty()) put_lines(out, "roles", snapshot.roles, put_object);
    put_lines(out, "objects", snapshot.objects, put_object);
    out += "\n}\n";
    return out;
}

}  // namespace understudy::catalog
