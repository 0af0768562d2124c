// The bytes of a Catalog record: decoding ends in an error or in a catalogue that survives encoding, and its
// look-ups stand whatever the OIDs say.

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "core/catalog/catalog_codec.hpp"

using namespace understudy;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto decoded = catalog::decode(BytesView(reinterpret_cast<const char*>(data), size));
    if (!decoded) return 0;
    for (const catalog::Type& type : decoded->types) {
        if (decoded->type_name(type.oid).empty()) std::abort();
    }
    for (const catalog::Attribute& attribute : decoded->attributes) {
        if (decoded->attribute(attribute.relation, attribute.number) == nullptr) std::abort();
    }
    const auto again = catalog::decode(catalog::encode(*decoded));
    if (!again || !(*again == *decoded)) std::abort();
    return 0;
}
