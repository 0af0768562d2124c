#include "core/store/sealing.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "core/store/capture_reader.hpp"
#include "core/store/capture_writer.hpp"
#include "tests/support/throwaway_cluster.hpp"
#include "tests/unit/core/store/sample_events.hpp"

namespace understudy::store {
namespace {

const Bytes kSecret = "canary-5b1c77";

Bytes encrypted_capture(const PublicKey& recipient) {
    Bytes bytes;
    auto file =
        CaptureFile::create(std::make_unique<MemorySink>(bytes), sample_header(), EncryptTo{recipient, Bytes(16, 'k')});
    EventWriter writer(**file);
    for (Event& event : sample_events()) writer.on_event(std::move(event));
    Request request;
    request.session = SessionId(9);
    request.frames = kSecret;
    writer.on_event(std::move(request));
    Bytes noise;  // does not compress: a stored chunk
    for (unsigned i = 0; i < 5'000; ++i) noise.push_back(static_cast<char>((i * 2'654'435'761U) >> 13U));
    writer.flush();
    writer.on_event(CatalogRecord{Timestamp(), noise, kSecret});
    writer.flush();
    EXPECT_TRUE((*file)->finish());
    return bytes;
}

std::size_t count_events(CaptureReader& reader) {
    std::size_t count = 0;
    while (auto event = reader.next().value()) ++count;
    return count;
}

TEST(Sealing, OnlyTheSecretKeyReads) {
    const SecretKey key = SecretKey::generate();
    const Bytes bytes = encrypted_capture(key.public_key());
    EXPECT_EQ(bytes.find(kSecret), Bytes::npos);

    const auto without = CaptureReader::open(source_of(bytes));
    ASSERT_FALSE(without);
    EXPECT_EQ(without.error().code, Errc::refused);
    EXPECT_NE(without.error().message.find("--key"), std::string::npos);

    KeyRing other;
    other.add(SecretKey::generate());
    EXPECT_EQ(CaptureReader::open(source_of(bytes), other).error().code, Errc::refused);

    KeyRing keys = other;
    keys.add(key);
    const auto reader = CaptureReader::open(source_of(bytes), keys).value();
    EXPECT_EQ(reader->header(), sample_header());
    EXPECT_EQ(reader->digest_key(), Bytes(16, 'k'));
    EXPECT_EQ(count_events(*reader), sample_events().size() + 2);
    EXPECT_TRUE(reader->damage().none());
}

TEST(Sealing, AChangedChunkIsCountedAndNotRead) {
    const SecretKey key = SecretKey::generate();
    KeyRing keys;
    keys.add(key);
    const Bytes bytes = encrypted_capture(key.public_key());
    const std::size_t chunk = bytes.find(kChunkMagic);
    for (const std::size_t offset : {std::size_t{0}, std::size_t{30}, std::size_t{80}}) {
        // With checksums made to fit, as who forges would: the tag still does not.
        ChunkHeader header = parse_chunk_header(BytesView(bytes).substr(chunk)).value();
        Bytes payload = bytes.substr(chunk + kChunkHeaderSize, header.stored_length);
        payload[offset] = static_cast<char>(payload[offset] ^ 1);
        Bytes forged = bytes.substr(0, chunk);
        append_chunk(forged, header, payload, header.plain_length);
        forged += bytes.substr(chunk + kChunkHeaderSize + header.stored_length);
        const auto reader = CaptureReader::open(source_of(forged), keys).value();
        EXPECT_EQ(count_events(*reader), 1U) << offset;
        EXPECT_GE(reader->damage().bad_chunks, 1U);
    }
    ChunkHeader header = parse_chunk_header(BytesView(bytes).substr(chunk)).value();
    header.base = header.base + Duration::seconds(1);  // the times are covered, too
    Bytes moved = bytes.substr(0, chunk);
    append_chunk(moved, header, BytesView(bytes).substr(chunk + kChunkHeaderSize, header.stored_length),
                 header.plain_length);
    moved += bytes.substr(chunk + kChunkHeaderSize + header.stored_length);
    const auto reader = CaptureReader::open(source_of(moved), keys).value();
    EXPECT_EQ(count_events(*reader), 1U);
}

TEST(Sealing, KeyFiles) {
    testing::TemporaryDirectory directory;
    const SecretKey key = SecretKey::generate();
    const std::string path = directory.file("a.key");
    ASSERT_TRUE(key.save(path));
    EXPECT_EQ(key.save(path).error().code, Errc::io) << "never overwritten";
    EXPECT_EQ(SecretKey::load(path).value().public_key(), key.public_key());
    EXPECT_EQ(PublicKey::load(key.public_key().text()).value(), key.public_key());

    const auto misplaced = PublicKey::load(path);
    ASSERT_FALSE(misplaced);
    EXPECT_NE(misplaced.error().message.find("secret key"), std::string::npos);
    ASSERT_EQ(::chmod(path.c_str(), 0644), 0);
    EXPECT_EQ(SecretKey::load(path).error().code, Errc::refused);
    EXPECT_EQ(SecretKey::load(directory.file("none")).error().code, Errc::io);

    std::ofstream(directory.file("b.pub")) << key.public_key().text() << "\n";
    EXPECT_EQ(PublicKey::load(directory.file("b.pub")).value(), key.public_key());
    EXPECT_EQ(PublicKey::load("understudy-public-key-1 " + std::string(64, '0')).error().code, Errc::io)
        << "a key on which nothing can be agreed is no key";
    EXPECT_EQ(PublicKey::from_bytes(Bytes(32, '\0')).error().code, Errc::malformed);
    EXPECT_EQ(PublicKey::from_bytes(Bytes(31, 'x')).error().code, Errc::malformed);
}

TEST(Sealing, WhatIsSealedForAnotherDoesNotOpen) {
    const SecretKey key = SecretKey::generate();
    const Bytes sealed = key.public_key().seal("digest key");
    EXPECT_EQ(key.unseal(sealed), Bytes("digest key"));
    EXPECT_EQ(SecretKey::generate().unseal(sealed), std::nullopt);
    EXPECT_EQ(key.unseal(BytesView(sealed).substr(0, 20)), std::nullopt);
    EXPECT_EQ(ChunkCipher::from_bytes("short").error().code, Errc::malformed);
}

}  // namespace
}  // namespace understudy::store
