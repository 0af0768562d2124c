// A file that may hold anything. The first byte says whether the input is a whole file, or the plain records
// of one chunk, which the fuzzer could not reach through the checksums.

#include <cstdint>

#include "core/store/capture_reader.hpp"
#include "core/store/capture_writer.hpp"
#include "core/store/chunk.hpp"

namespace {

using namespace understudy;

/// Header of an empty capture, as CaptureFile writes it.
Bytes header_of_a_file() {
    class Sink final : public store::ByteSink {
    public:
        explicit Sink(Bytes& to) : to_(to) {}
        Result<void> append(BytesView bytes) override {
            to_ += bytes;
            return {};
        }
        Result<void> sync() override { return {}; }
        [[nodiscard]] std::uint64_t size() const override { return to_.size(); }

    private:
        Bytes& to_;
    };
    Bytes bytes;
    static_cast<void>(store::CaptureFile::create(std::make_unique<Sink>(bytes), CaptureHeader{}));
    return bytes;
}

void read_all(BytesView bytes) {
    auto reader = store::CaptureReader::open(store::source_of(bytes));
    if (!reader) return;
    std::uint64_t events = 0;
    while (auto event = (*reader)->next()) {
        if (!*event) break;
        ++events;
        // What was read can be written and read again.
        store::CaptureCodec codec;
        Bytes record;
        if (!codec.append(record, **event, Timestamp())) continue;
        std::size_t prefix = 1;
        while ((static_cast<unsigned char>(record[prefix - 1]) & 0x80U) != 0) ++prefix;
        const auto again = codec.decode(BytesView(record).substr(prefix), Timestamp());
        UNDERSTUDY_ASSERT(again && *again == **event);
    }
    UNDERSTUDY_ASSERT((*reader)->records() == events);
    UNDERSTUDY_ASSERT((*reader)->damage().bytes_skipped + (*reader)->damage().bytes_cut_off <= bytes.size());
}

/// Passing over the sessions of even number: no more events than whole reading has, and as many of the others.
void read_half(BytesView bytes) {
    auto whole = store::CaptureReader::open(store::source_of(bytes));
    auto half = store::CaptureReader::open(store::source_of(bytes));
    if (!whole || !half) return;
    const auto wanted = [](SessionId session) { return session.value() % 2 == 1; };
    (*half)->take_only(wanted);
    const auto count = [&](store::CaptureReader& reader) {
        std::uint64_t events = 0;
        while (auto event = reader.next()) {
            if (!*event) break;
            if (wanted(store::event_session(**event))) ++events;
        }
        return events;
    };
    const std::uint64_t all = count(**whole);
    const std::uint64_t passed = count(**half);
    // Damage inside what is passed over is not seen, so more may come after it.
    UNDERSTUDY_ASSERT(passed >= all);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    const BytesView input(reinterpret_cast<const char*>(data) + 1, size - 1);
    if ((data[0] & 1U) == 0) {
        read_all(input);
        read_half(input);
        return 0;
    }
    static const Bytes kHeader = header_of_a_file();
    Bytes file = kHeader;
    store::ChunkHeader chunk;
    chunk.kind = store::ChunkKind::stored_records;
    store::append_chunk(file, chunk, input, input.size());
    read_all(file);
    read_half(file);
    return 0;
}
