#include "core/store/capture_span.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>

#include "core/store/chunk.hpp"

namespace understudy::store {
namespace {

constexpr std::streamoff kBeforeHeader = 16;  // magic, version, header length
constexpr std::streamoff kHeaderChecksum = 4;

bool read_bytes(std::ifstream& file, Bytes& bytes) {
    file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return static_cast<std::size_t>(file.gcount()) == bytes.size();
}

void look_at(std::ifstream& file, std::streamoff at, CaptureSpan& span) {
    Bytes bytes(kChunkHeaderSize, '\0');
    while (file.seekg(at) && read_bytes(file, bytes)) {
        const auto header = parse_chunk_header(bytes);
        if (!header || header->kind == ChunkKind::index) return;
        if (header->base.known() && (!span.first.known() || header->base < span.first)) span.first = header->base;
        span.last = std::max(span.last, header->last);
        ++span.chunks;
        at += static_cast<std::streamoff>(kChunkHeaderSize + header->stored_length);
    }
}

}  // namespace

Result<CaptureSpan> capture_span(const std::vector<std::string>& files) {
    CaptureSpan span;
    for (const std::string& path : files) {
        std::ifstream file(path, std::ios::binary);
        if (!file) return make_error(Errc::io, fmt::format("cannot open {}", path));
        Bytes start(static_cast<std::size_t>(kBeforeHeader), '\0');
        if (!read_bytes(file, start)) continue;
        std::uint32_t length = 0;
        for (std::size_t i = 0; i < 4; ++i) {
            length |= std::uint32_t{static_cast<std::uint8_t>(start[12 + i])} << (8 * i);
        }
        look_at(file, kBeforeHeader + std::streamoff{length} + kHeaderChecksum, span);
    }
    return span;
}

}  // namespace understudy::store
