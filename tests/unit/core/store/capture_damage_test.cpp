// Damaged, cut and hostile files: docs/capture-file.md, "States after a crash".

#include <gtest/gtest.h>

#include <algorithm>

#include "core/base/crc32c.hpp"
#include "core/store/capture_reader.hpp"
#include "core/store/capture_writer.hpp"
#include "tests/unit/core/store/sample_events.hpp"

namespace understudy::store {
namespace {

struct Read {
    std::vector<Event> events;
    Damage damage;
};

std::optional<Read> read_bytes(BytesView bytes, Errc* error = nullptr) {
    auto reader = CaptureReader::open(source_of(bytes));
    if (!reader) {
        if (error != nullptr) *error = reader.error().code;
        return std::nullopt;
    }
    Read read;
    while (auto event = (*reader)->next()) {
        if (!*event) break;
        read.events.push_back(std::move(**event));
    }
    read.damage = (*reader)->damage();
    return read;
}

/// A small capture: the ends of its header and chunks, and how many events are before each.
struct Sample {
    std::vector<Event> events;
    Bytes bytes;
    std::vector<std::size_t> ends;
    std::size_t data_end = 0;

    explicit Sample(std::size_t chunks = 3) {
        auto file = CaptureFile::create(std::make_unique<MemorySink>(bytes), sample_header());
        ends.push_back(bytes.size());
        EventWriter writer(**file);
        for (std::size_t i = 0; i < chunks; ++i) {
            for (std::size_t j = 0; j < 2; ++j) {
                const std::uint64_t number = i * 2 + j;
                events.emplace_back(Gap{SessionId(number), morning(static_cast<std::int64_t>(number)), true, number});
                writer.on_event(Event(events.back()));
            }
            writer.flush();
            ends.push_back(bytes.size());
        }
        data_end = bytes.size();
        EXPECT_TRUE((*file)->finish().has_value());
    }
};

bool is_subset(const std::vector<Event>& some, const std::vector<Event>& all) {
    std::size_t at = 0;
    for (const Event& event : some) {
        while (at < all.size() && !(all[at] == event)) ++at;
        if (at++ == all.size()) return false;
    }
    return true;
}

TEST(CaptureDamage, CutAtEveryByte) {
    const Sample sample;
    for (std::size_t cut = 0; cut < sample.bytes.size(); ++cut) {
        Errc error{};
        const auto read = read_bytes(BytesView(sample.bytes).substr(0, cut), &error);
        if (cut < sample.ends[0]) {
            ASSERT_FALSE(read.has_value());
            EXPECT_EQ(error, cut == 0 ? Errc::malformed : Errc::end_of_file) << cut;
            continue;
        }
        ASSERT_TRUE(read.has_value());
        const auto whole = std::upper_bound(sample.ends.begin(), sample.ends.end(), cut) - sample.ends.begin() - 1;
        const auto chunks = static_cast<std::size_t>(whole);
        ASSERT_EQ(read->events, (std::vector<Event>(sample.events.begin(), sample.events.begin() + whole * 2))) << cut;
        EXPECT_TRUE(read->damage.trailer_missing);
        EXPECT_EQ(read->damage.bytes_cut_off, cut - sample.ends[chunks]) << cut;
        EXPECT_EQ(read->damage.bad_chunks + read->damage.bytes_skipped, 0U) << cut;
    }
    EXPECT_TRUE(read_bytes(sample.bytes)->damage.none());
}

TEST(CaptureDamage, EveryByteChanged) {
    const Sample sample;
    for (std::size_t at = 0; at < sample.bytes.size(); ++at) {
        for (const int change : {0x01, 0x80, 0xFF}) {
            Bytes bytes = sample.bytes;
            bytes[at] = static_cast<char>(bytes[at] ^ change);
            Errc error{};
            const auto read = read_bytes(bytes, &error);
            ASSERT_EQ(read.has_value(), at >= sample.ends[0]) << at;
            if (!read) continue;
            EXPECT_FALSE(read->damage.none()) << at;
            EXPECT_TRUE(is_subset(read->events, sample.events)) << at;
            const std::size_t expected = at < sample.data_end ? sample.events.size() - 2 : sample.events.size();
            EXPECT_EQ(read->events.size(), expected) << at;
        }
    }
}

TEST(CaptureDamage, EveryByteMissing) {
    const Sample sample;
    for (std::size_t at = sample.ends[0]; at < sample.bytes.size(); ++at) {
        Bytes bytes = sample.bytes;
        bytes.erase(at, 1);
        const auto read = read_bytes(bytes);
        ASSERT_TRUE(read.has_value());
        EXPECT_FALSE(read->damage.none()) << at;
        EXPECT_TRUE(is_subset(read->events, sample.events)) << at;
        EXPECT_GE(read->events.size(), sample.events.size() - 2) << at;
    }
}

TEST(CaptureDamage, GarbageBetweenChunks) {
    const Sample sample;
    Bytes bytes = sample.bytes;
    const Bytes garbage = Bytes(3'000'000, 'g') + Bytes(kChunkMagic.substr(0, 5));
    bytes.insert(sample.ends[1], garbage);
    const auto read = read_bytes(bytes);
    EXPECT_EQ(read->events, sample.events);
    EXPECT_EQ(read->damage.bad_chunks, 1U);
    EXPECT_EQ(read->damage.bytes_skipped, garbage.size());
    EXPECT_FALSE(read->damage.trailer_missing);
}

TEST(CaptureDamage, AnIndexWithoutTrailerDoesNotHideWhatFollows) {
    const Sample sample;
    Bytes bytes = sample.bytes;
    bytes.back() = 'x';  // of the trailer's magic
    bytes += sample.bytes.substr(sample.ends[0]);
    const auto read = read_bytes(bytes);
    EXPECT_EQ(read->events.size(), 2 * sample.events.size());
    EXPECT_FALSE(read->damage.none());
}

TEST(CaptureDamage, NotACapture) {
    Errc error{};
    for (const BytesView bytes :
         {BytesView(""), BytesView("x"), BytesView("hello, this is a text file"), BytesView("\x89PGCAQ\r\n........")}) {
        EXPECT_FALSE(read_bytes(bytes, &error).has_value());
        EXPECT_EQ(error, Errc::malformed);
    }
}

TEST(CaptureDamage, ANewerVersionIsNamed) {
    Bytes bytes = Sample().bytes;
    bytes[8] = static_cast<char>(kFormatVersion + 1);
    const auto reader = CaptureReader::open(source_of(bytes));
    ASSERT_FALSE(reader.has_value());
    EXPECT_EQ(reader.error().code, Errc::unsupported);
    EXPECT_NE(reader.error().message.find("format 3"), std::string::npos) << reader.error().message;
}

Bytes with_chunk(ChunkHeader header, BytesView stored, std::size_t plain_length) {
    Bytes bytes = Sample(0).bytes.substr(0, Sample(0).ends[0]);
    append_chunk(bytes, header, stored, plain_length);
    return bytes;
}

TEST(CaptureDamage, HostileChunks) {
    ChunkHeader header;
    header.kind = ChunkKind::stored_records;
    // A record longer than its chunk, a length without end, and one that is no record.
    for (const BytesView records :
         {BytesView("\x05x"), BytesView("\xff\xff\xff\xff\xff\xff\xff"), BytesView("\x01\xff"), BytesView("\x80")}) {
        const auto read = read_bytes(with_chunk(header, records, records.size()));
        ASSERT_TRUE(read.has_value());
        EXPECT_TRUE(read->events.empty());
        EXPECT_EQ(read->damage.bad_chunks, 1U);
    }
    const auto newer = read_bytes(with_chunk(header, BytesView("\0", 1), 1));
    EXPECT_EQ(newer->damage.unknown_records, 1U);
    header.kind = ChunkKind::zstd_records;
    EXPECT_EQ(read_bytes(with_chunk(header, "no zstd", 100))->damage.bad_chunks, 1U);
    header.kind = static_cast<ChunkKind>(9);
    EXPECT_EQ(read_bytes(with_chunk(header, "x", 1))->damage.bad_chunks, 1U);
}

TEST(CaptureDamage, ADecompressionBombIsRefused) {
    ChunkCompressor compressor;
    const Bytes plain(1U << 20U, '\0');
    Bytes chunk(compressor.compress(plain, 1, morning(0), morning(0)));
    const BytesView stored = BytesView(chunk).substr(kChunkHeaderSize);
    ChunkHeader header;
    EXPECT_EQ(read_bytes(with_chunk(header, stored, 10))->damage.bad_chunks, 1U);
    EXPECT_EQ(read_bytes(with_chunk(header, stored, (1U << 20U) + 1))->damage.bad_chunks, 1U);
    Bytes out;
    ChunkHeader parsed = parse_chunk_header(chunk).value();
    ASSERT_TRUE(decompress_chunk(parsed, stored, out).has_value());
    EXPECT_EQ(out, plain);
}

TEST(ChunkHeaderTest, Limits) {
    for (const std::size_t length : {kMaxChunkLength, kMaxChunkLength + 1}) {
        Bytes chunk;
        ChunkHeader header;
        append_chunk(chunk, header, "x", length);
        EXPECT_EQ(parse_chunk_header(chunk).has_value(), length == kMaxChunkLength);
    }
    Bytes chunk;
    append_chunk(chunk, ChunkHeader{}, "x", 1);
    EXPECT_EQ(parse_chunk_header(BytesView(chunk).substr(0, kChunkHeaderSize - 1)).error().code, Errc::end_of_file);
    EXPECT_EQ(parse_chunk_header(Bytes(kChunkHeaderSize, 'x')).error().code, Errc::malformed);
}

/// Remembers how much was asked for at once.
class CountingSource final : public ByteSource {
public:
    CountingSource(BytesView bytes, std::size_t& most) : bytes_(bytes), most_(most) {}
    Result<void> read(std::size_t count, Bytes& out) override {
        most_ = std::max(most_, count);
        const std::size_t take = std::min(count, bytes_.size());
        out.append(bytes_.substr(0, take));
        bytes_.remove_prefix(take);
        return {};
    }
    [[nodiscard]] std::string name() const override { return "counted"; }

private:
    BytesView bytes_;
    std::size_t& most_;
};

TEST(CaptureDamage, ReadingAsksForOneChunkAtMost) {
    Bytes bytes = with_chunk(ChunkHeader{}, "x", kMaxChunkLength);
    // The most that a header can promise, its checksum right.
    for (std::size_t i = 0; i < 4; ++i) {
        bytes[bytes.size() - 1 - kChunkHeaderSize + 12 + i] =
            static_cast<char>(static_cast<unsigned char>(kMaxChunkLength >> (8 * i)));
    }
    const std::size_t start = bytes.size() - 1 - kChunkHeaderSize;
    const std::uint32_t checksum = crc32c(BytesView(bytes).substr(start, 44));
    for (std::size_t i = 0; i < 4; ++i)
        bytes[start + 44 + i] = static_cast<char>(static_cast<unsigned char>(checksum >> (8 * i)));
    std::size_t most = 0;
    auto reader = CaptureReader::open(std::make_unique<CountingSource>(bytes, most));
    ASSERT_TRUE(reader.has_value());
    EXPECT_FALSE((*reader)->next().value().has_value());
    EXPECT_TRUE((*reader)->damage().trailer_missing);
    EXPECT_EQ((*reader)->damage().bytes_cut_off, kChunkHeaderSize + 1);
    EXPECT_LE(most, kMaxChunkLength + kChunkHeaderSize);
}

TEST(CaptureDamage, AMediumThatFailsIsAnError) {
    class Failing final : public ByteSource {
    public:
        Result<void> read(std::size_t, Bytes& out) override {
            if (std::exchange(first_, false)) {
                out += Sample(1).bytes.substr(0, Sample(1).ends[1]);
                return {};
            }
            return make_error(Errc::io, "unplugged");
        }
        [[nodiscard]] std::string name() const override { return "failing"; }

    private:
        bool first_ = true;
    };
    auto reader = CaptureReader::open(std::make_unique<Failing>());
    ASSERT_TRUE(reader.has_value());
    EXPECT_TRUE((*reader)->next().value().has_value());
    EXPECT_TRUE((*reader)->next().value().has_value());
    const auto next = (*reader)->next();
    ASSERT_FALSE(next.has_value());
    EXPECT_EQ(next.error().code, Errc::io);
}

}  // namespace
}  // namespace understudy::store
