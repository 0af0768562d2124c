#include "core/catalog/snapshot/snapshot_fingerprint.hpp"

#include "core/catalog/snapshot/snapshot_hasher.hpp"

namespace understudy::catalog {

std::string fingerprint(const Snapshot& snapshot) {
    SnapshotHasher hasher;
    hasher.number(snapshot.objects.size());
    for (const SchemaObject& object : snapshot.objects) {
        hasher.identity(object.identity);
        hasher.number(object.properties.size());
        for (const Property& property : object.properties) hasher.property(property);
    }
    hasher.number(snapshot.unread.size());
    for (const UnreadPart& part : snapshot.unread) {
        hasher.text(part.what);
        hasher.text(part.why);
    }
    return hasher.hex();
}

}  // namespace understudy::catalog
