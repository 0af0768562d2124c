#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "core/base/byte_writer.hpp"
#include "core/base/crc32c.hpp"
#include "schema/check/answer_cache.hpp"

/// As a whole file, and as the content of one whose checksum is right: what is read is written the same once more.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace understudy;
    const BytesView text(reinterpret_cast<const char*>(data), size);
    if (schema::AnswerCache::decode(text) && size < 4) std::abort();
    const Bytes magic = schema::AnswerCache().encode().substr(0, schema::AnswerCache().encode().size() - 4);
    Bytes file = magic;
    file.append(text);
    ByteWriter(file).u32(crc32c(text));
    const auto cache = schema::AnswerCache::decode(file);
    if (!cache) return 0;
    const Bytes once = cache->encode();
    const auto again = schema::AnswerCache::decode(once);
    if (!again || again->size() != cache->size() || again->encode() != once) std::abort();
    return 0;
}
