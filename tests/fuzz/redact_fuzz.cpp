#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "capture/redact/session_redactor.hpp"
#include "core/base/byte_reader.hpp"
#include "core/base/byte_writer.hpp"
#include "core/pgwire/frontend_messages.hpp"

namespace {

using namespace understudy;

void require(bool condition) {
    if (!condition) std::abort();
}

/// Whether the bytes are whole frames.
bool whole_frames(BytesView bytes) {
    while (!bytes.empty()) {
        if (bytes.size() < 5) return false;
        const std::size_t length = ByteReader(bytes.substr(1)).u32() + std::size_t{1};
        if (length < 5 || length > bytes.size()) return false;
        bytes.remove_prefix(length);
    }
    return true;
}

Bytes frame_of(char tag, BytesView body) {
    Bytes frame(1, tag);
    ByteWriter(frame).u32(static_cast<std::uint32_t>(body.size() + 4));
    return frame.append(body);
}

}  // namespace

/// The input is a statement, then, after a zero byte, what follows it: COPY data, a Bind's body, a row. Whatever they
/// are, frames stay frames, and a canary that is compared with a ruled column is gone.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const BytesView input(reinterpret_cast<const char*>(data), size);
    const std::size_t zero = std::min(input.find('\0'), input.size());
    const Bytes sql(input.substr(0, zero));
    const Bytes rest(input.substr(std::min(zero + 1, input.size())));
    std::map<std::string, std::uint64_t> counters;
    capture::RedactionRules rules;
    require(static_cast<bool>(rules.add("email")) && static_cast<bool>(rules.add("t.*")));
    const capture::Redaction redaction(std::move(rules), DigestKey({}), nullptr, counters);
    capture::SessionRedactor session(redaction);
    Bytes scratch;
    const auto frontend = [&](const Bytes& frame) {
        const pgwire::FrameView view{frame[0], BytesView(frame).substr(5), frame};
        const Bytes kept(session.frontend(view, 1, scratch).whole);
        require(whole_frames(kept));
        return kept;
    };
    frontend(frame_of('Q', sql + Bytes(1, '\0')));
    frontend(frame_of('P', Bytes(1, '\0') + sql + Bytes("\0\0\0", 3)));
    for (const char tag : {'d', 'B', 'E', 'C', 'c', 'd', 'f'}) frontend(frame_of(tag, rest));
    for (const char tag : {'D', 'd', 'E', 'S', 'c'}) {
        const Bytes frame = frame_of(tag, rest);
        const pgwire::FrameView view{tag, BytesView(frame).substr(5), frame};
        require(whole_frames(session.backend(view, 1, rest, scratch).whole));
    }
    const Bytes planted = sql + ";select 1 from x where email = 'canary'";
    const Bytes kept = frontend(frame_of('Q', planted + Bytes(1, '\0')));
    if (sql.empty()) require(kept.find("canary") == Bytes::npos);
    return 0;
}
