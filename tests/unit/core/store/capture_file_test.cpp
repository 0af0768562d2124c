// Writing and reading whole files.

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <map>
#include <random>
#include <thread>

#include "core/store/capture_reader.hpp"
#include "core/store/capture_writer.hpp"
#include "tests/support/throwaway_cluster.hpp"
#include "tests/unit/core/store/sample_events.hpp"

namespace understudy::store {
namespace {

struct Read {
    std::vector<Event> events;
    Damage damage;
    std::uint64_t chunks = 0;
};

Read read_all(CaptureReader& reader) {
    Read read;
    while (auto event = reader.next()) {
        if (!*event) break;
        read.events.push_back(std::move(**event));
    }
    read.damage = reader.damage();
    read.chunks = reader.chunks();
    EXPECT_EQ(reader.records(), read.events.size());
    return read;
}

Read read_bytes(BytesView bytes) {
    auto reader = CaptureReader::open(source_of(bytes));
    EXPECT_TRUE(reader.has_value());
    return reader ? read_all(**reader) : Read{};
}

/// A file with the events, a chunk closed after each `chunk_of`.
Bytes write_bytes(const std::vector<Event>& events, std::size_t chunk_of) {
    Bytes bytes;
    auto file = CaptureFile::create(std::make_unique<MemorySink>(bytes), sample_header());
    EventWriter writer(**file);
    for (std::size_t i = 0; i < events.size(); ++i) {
        writer.on_event(Event(events[i]));
        if ((i + 1) % chunk_of == 0) writer.flush();
    }
    writer.flush();
    EXPECT_FALSE(writer.failure().has_value());
    EXPECT_EQ(writer.events(), events.size());
    EXPECT_TRUE((*file)->finish().has_value());
    EXPECT_EQ((*file)->size(), bytes.size());
    return bytes;
}

/// Short records lean on those before them, of other sessions, too.
std::vector<Event> interleaved_sessions(unsigned seed) {
    std::mt19937 chance(seed);
    const auto below = [&](unsigned limit) { return static_cast<std::uint32_t>(chance() % limit); };
    std::vector<Event> events;
    for (int i = 0; i < 300; ++i) {
        const SessionId session(1 + below(7));
        const Ordinal ordinal(below(1000));
        const Timestamp time = morning(below(1'000'000));
        switch (below(5)) {
            case 0: events.emplace_back(RowPart{session, ordinal, StepIndex(below(3)), {all_bytes()}}); break;
            case 1: events.emplace_back(CancelSent{session, time}); break;
            case 2: {
                Response response{session, ordinal, StepIndex(below(3)), {full_result()}, 'I', {}};
                if (below(2) == 0) response.ready = time;
                events.emplace_back(std::move(response));
                break;
            }
            default: {
                Request request;
                request.session = session;
                request.ordinal = ordinal;
                request.time = time;
                request.frames = all_bytes();
                events.emplace_back(std::move(request));
            }
        }
    }
    return events;
}

TEST(CaptureFile, PassesOverWhatIsNotWanted) {
    for (unsigned seed = 0; seed < 20; ++seed) {
        const std::vector<Event> events = interleaved_sessions(seed);
        const Bytes bytes = write_bytes(events, 1 + seed * 7);
        const auto wanted = [&](SessionId session) { return session.value() % 2 == seed % 2; };
        std::vector<Event> expected;
        for (const Event& event : events) {
            if (wanted(event_session(event)) || std::holds_alternative<CancelSent>(event)) expected.push_back(event);
        }
        auto reader = CaptureReader::open(source_of(bytes)).value();
        reader->take_only(wanted);
        std::vector<Event> read;
        while (auto event = reader->next().value()) read.push_back(std::move(*event));
        EXPECT_EQ(read, expected) << "seed " << seed;
        EXPECT_EQ(reader->records(), events.size());
        EXPECT_TRUE(reader->damage().none());
    }
}

TEST(CaptureFile, RoundTrip) {
    const std::vector<Event> events = sample_events();
    for (const std::size_t chunk_of : {std::size_t{1}, std::size_t{5}, std::size_t{1000}}) {
        const Bytes bytes = write_bytes(events, chunk_of);
        const Read read = read_bytes(bytes);
        EXPECT_EQ(read.events, events);
        EXPECT_TRUE(read.damage.none());
        EXPECT_EQ(read.chunks, (events.size() + chunk_of - 1) / chunk_of);
        EXPECT_EQ(CaptureReader::open(source_of(bytes)).value()->header(), sample_header());
    }
}

TEST(CaptureFile, WithoutEvents) {
    const Read read = read_bytes(write_bytes({}, 1));
    EXPECT_TRUE(read.events.empty());
    EXPECT_TRUE(read.damage.none());
}

TEST(CaptureFile, LargeRecordsGoThroughCompressionAndSeveralReads) {
    std::vector<Event> events;
    for (int i = 0; i < 5; ++i) {
        Request request;
        request.session = SessionId(static_cast<std::uint64_t>(i));
        std::uint64_t noise = 1;
        for (int byte = 0; byte < 3'000'000; ++byte) {
            noise = noise * 6364136223846793005ULL + 1442695040888963407ULL;
            request.frames.push_back(static_cast<char>(i % 2 == 0 ? noise >> 56U : 'x'));
        }
        events.emplace_back(std::move(request));
    }
    const Read read = read_bytes(write_bytes(events, 100));
    EXPECT_EQ(read.chunks, 5U);  // each is above the size at which a chunk is closed
    EXPECT_EQ(read.events, events);
    EXPECT_TRUE(read.damage.none());
}

TEST(CaptureFile, ATooLargeRecordIsLeftOutAndCounted) {
    Bytes bytes;
    auto file = CaptureFile::create(std::make_unique<MemorySink>(bytes), CaptureHeader{});
    EventWriter writer(**file);
    Request request;
    request.frames.assign(kMaxRecordLength, 'x');
    writer.on_event(Event(Gap{}));
    writer.on_event(Event(std::move(request)));
    writer.on_event(Event(CancelSent{}));
    writer.flush();
    EXPECT_EQ(writer.too_large(), 1U);
    EXPECT_EQ(writer.events(), 2U);
    ASSERT_TRUE((*file)->finish().has_value());
    const Read read = read_bytes(bytes);
    EXPECT_EQ(read.events, (std::vector<Event>{Gap{}, CancelSent{}}));
    EXPECT_TRUE(read.damage.none());
}

TEST(CaptureFile, SeveralThreadsWriteTheirOwnChunks) {
    Bytes bytes;
    auto file = CaptureFile::create(std::make_unique<MemorySink>(bytes), CaptureHeader{});
    std::vector<std::thread> threads;
    for (std::uint64_t session = 1; session <= 4; ++session) {
        threads.emplace_back([&, session] {
            EventWriter writer(**file);
            for (std::uint64_t i = 0; i < 500; ++i) {
                writer.on_event(Gap{SessionId(session), morning(1), true, i});
                if (i % 7 == 0) writer.flush();
            }
            writer.flush();
        });
    }
    for (std::thread& thread : threads) thread.join();
    ASSERT_TRUE((*file)->finish().has_value());
    const Read read = read_bytes(bytes);
    EXPECT_TRUE(read.damage.none());
    std::map<std::uint64_t, std::uint64_t> next;
    for (const Event& event : read.events)
        EXPECT_EQ(std::get<Gap>(event).bytes, next[std::get<Gap>(event).session.value()]++);
    EXPECT_EQ(next, (std::map<std::uint64_t, std::uint64_t>{{1, 500}, {2, 500}, {3, 500}, {4, 500}}));
}

TEST(CaptureFile, OnDisk) {
    const testing::TemporaryDirectory directory;
    const std::string path = directory.file("a.pgcap");
    std::ofstream(path) << "something that was there before and is longer than nothing";
    ::chmod(path.c_str(), 0644);
    {
        auto file = CaptureFile::create(path, sample_header());
        ASSERT_TRUE(file.has_value());
        EventWriter writer(**file);
        for (const Event& event : sample_events()) writer.on_event(Event(event));
        writer.flush();
        ASSERT_TRUE((*file)->finish().has_value());
    }
    struct stat status {};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    auto reader = CaptureReader::open(path);
    ASSERT_TRUE(reader.has_value());
    const Read read = read_all(**reader);
    EXPECT_EQ(read.events, sample_events());
    EXPECT_TRUE(read.damage.none());
    EXPECT_EQ(CaptureReader::open(directory.file("no")).error().code, Errc::io);
    EXPECT_EQ(CaptureReader::open(directory.path()).error().code, Errc::io);
    EXPECT_EQ(CaptureFile::create(directory.file("no/such/folder"), sample_header()).error().code, Errc::io);
}

TEST(CaptureFile, FilesOfAnArgument) {
    const testing::TemporaryDirectory directory;
    EXPECT_EQ(capture_files(directory.file("any")).value(), std::vector<std::string>{directory.file("any")});
    EXPECT_EQ(capture_files(directory.path()).error().code, Errc::io);
    for (const char* name : {"b.pgcap", "a.pgcap", "a.pgcap.key", "notes"}) std::ofstream(directory.file(name)) << "x";
    EXPECT_EQ(capture_files(directory.path()).value(),
              (std::vector<std::string>{directory.file("a.pgcap"), directory.file("b.pgcap")}));
}

TEST(CaptureFile, AHeaderThatIsTooLongIsAnError) {
    CaptureHeader header;
    header.server_version.assign(kMaxHeaderLength, 'x');  // a server may say anything
    Bytes bytes;
    const auto file = CaptureFile::create(std::make_unique<MemorySink>(bytes), header);
    ASSERT_FALSE(file.has_value());
    EXPECT_EQ(file.error().code, Errc::limit);
}

TEST(CaptureFile, ADiskThatIsFullAfterAnyNumberOfBytes) {
    const std::vector<Event> events = sample_events();
    const std::size_t whole = write_bytes(events, 4).size();
    for (std::size_t limit = 0; limit <= whole; ++limit) {
        Bytes bytes;
        auto file = CaptureFile::create(std::make_unique<MemorySink>(bytes, limit), sample_header());
        if (!file) {
            EXPECT_EQ(file.error().code, Errc::io);
            EXPECT_TRUE(bytes.empty());
            continue;
        }
        EventWriter writer(**file);
        for (std::size_t i = 0; i < events.size(); ++i) {
            writer.on_event(Event(events[i]));
            if (i % 4 == 3) writer.flush();
        }
        writer.flush();
        const bool finished = (*file)->finish().has_value();
        EXPECT_EQ(finished, limit == whole);
        if (writer.failure()) {
            EXPECT_EQ(writer.failure()->code, Errc::io);
            EXPECT_FALSE(finished);
        }
        // What is there is whole chunks.
        const Read read = read_bytes(bytes);
        ASSERT_LE(read.events.size(), events.size());
        EXPECT_TRUE(std::equal(read.events.begin(), read.events.end(), events.begin()));
        EXPECT_EQ(read.damage.trailer_missing, !finished);
        EXPECT_EQ(read.damage.bytes_cut_off + read.damage.bad_chunks, 0U);
    }
}

TEST(CaptureFile, AfterAFailureEveryCallFails) {
    Bytes bytes;
    auto file = CaptureFile::create(std::make_unique<MemorySink>(bytes, 400), sample_header());
    ASSERT_TRUE(file.has_value());
    const Bytes chunk(1000, 'x');
    EXPECT_FALSE((*file)->append_chunk(chunk, 1, morning(0), morning(0)).has_value());
    EXPECT_FALSE((*file)->append_chunk("", 0, morning(0), morning(0)).has_value());
    EXPECT_FALSE((*file)->finish().has_value());
}

}  // namespace
}  // namespace understudy::store
