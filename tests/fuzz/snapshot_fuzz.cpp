// The file of a schema: it is read or refused; what is read is written and read again as it was, and has no difference
// from itself. The same bytes as a definition and as a server's array: any end but a crash is good, and what is
// canonical stays so.

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "core/catalog/snapshot/canonical_text.hpp"
#include "core/catalog/snapshot/change_rules.hpp"
#include "core/catalog/snapshot/schema_diff.hpp"
#include "core/catalog/snapshot/snapshot_codec.hpp"

using namespace understudy;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const BytesView text(reinterpret_cast<const char*>(data), size);
    if (const auto snapshot = catalog::parse_snapshot(text)) {
        const auto again = catalog::parse_snapshot(catalog::to_json(*snapshot));
        require(again && *again == *snapshot);
        require(catalog::schema_diff(*snapshot, *again).empty());
        for (const catalog::ObjectChange& change : catalog::schema_diff(*snapshot, catalog::Snapshot())) {
            require(!change.effects.empty() && !catalog::in_words(change).empty());
        }
        for (const catalog::ObjectChange& change : catalog::schema_diff(catalog::Snapshot(), *snapshot)) {
            require(!change.effects.empty());
        }
    }
    static_cast<void>(catalog::canonical_definition(Bytes(text)));
    static_cast<void>(catalog::parse_text_array(text));
    require(!catalog::effects_of_type(text.substr(0, size / 2), text.substr(size / 2)).empty());
    return 0;
}
