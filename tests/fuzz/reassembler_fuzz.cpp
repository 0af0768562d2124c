// The input is a list of operations on one stream. A naive model, a map of bytes in which the first one wins,
// must agree with the Reassembler about every byte handed over, every gap, and about what is held back.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>

#include "capture/stream/reassembler.hpp"
#include "core/base/byte_reader.hpp"

namespace understudy::capture {
namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

struct Model final : StreamSink {
    std::map<std::uint64_t, std::optional<char>> bytes;  // first seen wins; nothing where the snap length cut
    std::uint64_t next = 0;
    std::uint64_t acked = 0;
    std::optional<std::uint64_t> end;
    bool may_give_up = false;  // closing, or over a limit
    Timestamp last_time;

    void on_data(BytesView data, Timestamp time) override {
        require(!data.empty() && time >= last_time);
        last_time = time;
        for (const char byte : data) {
            const auto found = bytes.find(next);
            require(found != bytes.end() && found->second == byte);
            bytes.erase(found);
            ++next;
        }
    }
    void on_gap(StreamGap gap, Timestamp time) override {
        require(gap.offset == next && gap.length > 0 && time >= last_time);
        last_time = time;
        const auto first = bytes.find(next);
        const bool cut_off = first != bytes.end();
        for (std::uint64_t i = 0; i < gap.length; ++i, ++next) {
            const auto found = bytes.find(next);
            require((found != bytes.end()) == cut_off);
            if (!cut_off) continue;
            require(!found->second);
            bytes.erase(found);
        }
        if (cut_off || may_give_up) return;
        require(next <= acked);                            // the receiver has them
        require(!bytes.empty() || (end && next <= *end));  // and later ones were captured
    }
    /// The segment as the wire had it: whatever is new and not behind the FIN.
    void add(std::int64_t begin, BytesView data, std::uint32_t missing, bool fin) {
        const std::int64_t stop = begin + static_cast<std::int64_t>(data.size() + missing);
        const std::uint64_t highest = bytes.empty() ? next : bytes.rbegin()->first + 1;
        if (fin && !end && stop >= static_cast<std::int64_t>(highest)) end = static_cast<std::uint64_t>(stop);
        for (std::int64_t at = begin; at < stop; ++at) {
            const auto offset = static_cast<std::uint64_t>(at);
            if (at < static_cast<std::int64_t>(next) || (end && offset >= *end)) continue;
            const auto index = static_cast<std::size_t>(at - begin);
            bytes.emplace(offset, index < data.size() ? std::optional(data[index]) : std::nullopt);
        }
    }
};

/// With small limits any hole may be given up early; without, only as the rule says.
ReassemblyLimits limits_of(std::uint8_t choice) {
    ReassemblyLimits limits;
    limits.gap_patience_segments = 4;
    if ((choice & 1U) != 0) limits.max_buffered_pieces = 3;
    if ((choice & 2U) != 0) limits.max_buffered_bytes = 600;
    return limits;
}

void run(BytesView input) {
    ByteReader reader(input);
    const std::uint8_t choice = reader.u8();
    const ReassemblyLimits limits = limits_of(choice);
    const std::uint32_t start = 0U - reader.u8();  // close to the wrap
    Reassembler stream(limits);
    stream.anchor(start);
    Model model;
    model.may_give_up = (choice & 3U) != 0;
    Timestamp now = Timestamp::from_ns(1'000'000'000);
    while (reader.ok() && !reader.at_end()) {
        const std::uint8_t operation = reader.u8();
        const auto place = static_cast<std::int8_t>(reader.u8());
        now = now + Duration::milliseconds(operation >> 5U);
        const std::int64_t at = static_cast<std::int64_t>(model.next) + place;
        const auto sequence = start + static_cast<std::uint32_t>(at);
        if ((operation & 3U) == 0) {
            if (place > 0) model.acked = std::max(model.acked, static_cast<std::uint64_t>(at));
            stream.on_peer_ack(sequence, now, model);
            continue;
        }
        if ((operation & 3U) == 1) {
            now = now + Duration::milliseconds(place < 0 ? 0 : 4 * place);
            stream.on_time(now, model);
            continue;
        }
        Segment segment;
        segment.sequence = sequence;
        segment.payload = reader.bytes(std::min<std::size_t>(reader.u8() % 48U, reader.remaining()));
        segment.missing_payload = (operation & 4U) != 0 ? 1U + (operation >> 5U) : 0;
        segment.fin = (operation & 0x18U) == 0x18U;
        model.add(at, segment.payload, segment.missing_payload, segment.fin);
        stream.on_segment(segment, now, model);
        require(stream.next_offset() == model.next);
        require(model.bytes.empty() || model.bytes.begin()->first > model.next);  // nothing in order is held back
        require(stream.finished() == (model.end && model.next >= *model.end));
    }
    model.may_give_up = true;
    stream.close(now, model);
    require(model.bytes.empty() && stream.buffered_bytes() == 0);
    require(!model.end || model.next == *model.end);
}

}  // namespace
}  // namespace understudy::capture

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    understudy::capture::run(understudy::BytesView(reinterpret_cast<const char*>(data), size));
    return 0;
}
