#include "capture/record/event_recorder.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>

#include "core/pgwire/frontend_messages.hpp"
#include "core/store/capture_reader.hpp"
#include "tests/support/throwaway_cluster.hpp"

namespace understudy::capture {
namespace {

namespace fs = std::filesystem;

const Timestamp kStart = Timestamp::from_ns(1'700'000'000'000'000'000);

Timestamp at(std::int64_t seconds) { return kStart + Duration::seconds(seconds); }

CaptureHeader header() {
    CaptureHeader header;
    header.source = "packets";
    header.created = kStart;
    return header;
}

Bytes parse_message(const Bytes& name, const Bytes& sql) {
    return pgwire::encode_frontend(pgwire::Parse{name, sql, {}});
}

/// Text that does not compress well.
Bytes noise(std::uint32_t seed, std::size_t size) {
    std::mt19937 random(seed);
    Bytes text(size, '\0');
    for (char& c : text) c = static_cast<char>('0' + random() % 75);
    return text;
}

/// One exchange of the session: a Parse of `name`, and its answer.
void exchange(EventRecorder& recorder, std::uint64_t session, std::uint32_t ordinal, std::int64_t second,
              const Bytes& frames) {
    Request request;
    request.session = SessionId(session);
    request.ordinal = Ordinal(ordinal);
    request.time = at(second);
    request.frames = frames;
    recorder.on_event(std::move(request));
    Response response;
    response.session = SessionId(session);
    response.ordinal = Ordinal(ordinal);
    StepResult parsed;
    parsed.kind = StepKind::parse;
    response.results.push_back(parsed);
    response.transaction_status = 'I';
    response.ready = at(second);
    recorder.on_event(std::move(response));
}

void open_session(EventRecorder& recorder, std::uint64_t session) {
    SessionIdentity identity;
    identity.user = "anna";
    recorder.on_event(SessionOpened{SessionId(session), at(0), false, identity});
    SessionState state;
    state.session = SessionId(session);
    state.time = at(0);
    state.complete = true;
    state.identity = identity;
    recorder.on_event(std::move(state));
}

std::vector<Event> events_of(const std::string& path) {
    const auto reader = store::CaptureReader::open(path).value();
    std::vector<Event> events;
    while (auto event = reader->next().value()) events.push_back(std::move(*event));
    EXPECT_TRUE(reader->damage().none()) << path;
    return events;
}

template <class T>
std::vector<T> all_of(const std::vector<Event>& events) {
    std::vector<T> found;
    for (const Event& event : events) {
        if (const auto* one = std::get_if<T>(&event)) found.push_back(*one);
    }
    return found;
}

TEST(EventRecorder, ARotatedFileNeedsNoneBeforeIt) {
    testing::TemporaryDirectory directory;
    EventRecorderOptions options;
    options.output.path = directory.file("captures");
    options.output.rotating = true;
    options.output.keep = 2;
    options.rotate_every = Duration::seconds(10);
    const auto recorder = EventRecorder::start(options, header()).value();
    recorder->on_event(CatalogRecord{at(0), "shop", "the catalogue"});
    open_session(*recorder, 1);
    exchange(*recorder, 1, 0, 1, parse_message("by_id", "select * from orders where id = $1"));
    Counters totals{{{"loss.gaps", 1}, {"packets.total", 100}}};
    recorder->tick(at(2), totals);
    totals.values = {{"loss.gaps", 3}, {"packets.total", 300}};
    recorder->tick(at(11), totals);  // due
    exchange(*recorder, 1, 1, 12, parse_message("", "select 2"));
    recorder->request_rotation();
    totals.values["packets.total"] = 350;
    recorder->tick(at(13), totals);
    exchange(*recorder, 1, 2, 14, parse_message("", "select 3"));
    totals.values["packets.total"] = 360;
    ASSERT_TRUE(recorder->finish(totals));

    const auto files = store::capture_files(options.output.path).value();
    ASSERT_EQ(files.size(), 2U) << "--keep deleted the first";
    EXPECT_EQ(recorder->stats().files, 3U);
    const auto second = events_of(files[0]);
    EXPECT_EQ(all_of<CatalogRecord>(second).size(), 1U);
    const auto states = all_of<SessionState>(second);
    ASSERT_EQ(states.size(), 1U);
    EXPECT_EQ(states[0].identity.user, "anna");
    ASSERT_EQ(states[0].statements.size(), 1U);
    EXPECT_EQ(states[0].statements[0].sql, "select * from orders where id = $1");
    EXPECT_EQ(states[0].next_ordinal, Ordinal(1));
    EXPECT_EQ(all_of<Counters>(second).back().values.at("packets.total"), 50U) << "of this file alone";
    EXPECT_EQ(all_of<Counters>(events_of(files[1])).back().values.at("packets.total"), 10U);
    struct stat status {};
    ASSERT_EQ(::stat(files[0].c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST(EventRecorder, RotatesBySizeAndGoesOnWhereAnEarlierRunEnded) {
    testing::TemporaryDirectory directory;
    const std::string path = directory.file("captures");
    fs::create_directory(path);
    std::ofstream(path + "/capture-20200101T000000Z-000041.pgcap") << "an older run's";
    std::ofstream(path + "/notes.txt") << "somebody's";
    EventRecorderOptions options;
    options.output.path = path;
    options.output.rotating = true;
    options.output.keep = 3;
    options.rotate_size = 100'000;
    options.max_size = 1'000'000;
    const auto recorder = EventRecorder::start(options, header()).value();
    open_session(*recorder, 1);
    for (std::uint32_t i = 0; i < 200; ++i) {
        exchange(*recorder, 1, i, i, parse_message("", noise(i, 20'000)));
        recorder->tick(at(i), Counters{});
        while (recorder->stats().bytes_waiting > 0) std::this_thread::yield();
        if (recorder->full()) break;
    }
    EXPECT_TRUE(recorder->full()) << "--max-size counts all files";
    ASSERT_TRUE(recorder->finish(Counters{}));
    const auto files = store::capture_files(path).value();
    ASSERT_EQ(files.size(), 3U);
    EXPECT_NE(files[0].find("-0000"), std::string::npos);
    EXPECT_GT(files[0], path + "/capture-20200101T000000Z-000041.pgcap");
    EXPECT_TRUE(fs::exists(path + "/notes.txt"));
    for (const std::string& file : files) {
        EXPECT_LT(fs::file_size(file), 200'000U);
        EXPECT_EQ(all_of<SessionState>(events_of(file)).size(), 1U) << file;
    }
}

TEST(EventRecorder, AWriterThatCannotKeepUpCostsWholeExchanges) {
    testing::TemporaryDirectory directory;
    // A pipe that nobody empties is a disk that does not answer.
    const std::string path = directory.file("pipe");
    ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
    std::string read;
    std::atomic<bool> may_read = false;
    std::thread reader([&] {
        std::ifstream pipe(path, std::ios::binary);
        while (!may_read) std::this_thread::yield();
        read.assign(std::istreambuf_iterator<char>(pipe), {});
    });
    EventRecorderOptions options;
    options.output.path = path;
    options.queue_bytes = 2U << 20U;
    auto recorder = EventRecorder::start(options, header()).value();
    open_session(*recorder, 1);
    open_session(*recorder, 2);
    const Bytes named = parse_message("by_id", "select 1");
    constexpr std::uint32_t kExchanges = 700;
    for (std::uint32_t i = 0; i < kExchanges; ++i) {
        exchange(*recorder, 1, i, 1, i == kExchanges / 2 ? named : parse_message("", noise(i, 8'000)));
    }
    exchange(*recorder, 2, 0, 1, named);  // finds no room, and its session ends before there is any
    recorder->on_event(SessionClosed{SessionId(2), at(1), SessionEnd::terminate, {}, {}});
    EXPECT_LT(recorder->stats().bytes_waiting, 3U << 20U) << "memory is bounded";
    may_read = true;
    while (recorder->stats().bytes_waiting > 100'000) std::this_thread::yield();
    exchange(*recorder, 1, kExchanges, 2, parse_message("", "select 2"));
    Counters totals;
    recorder->add_counters(totals);
    ASSERT_TRUE(recorder->finish(totals));
    recorder.reset();  // closes the pipe
    reader.join();

    const auto opened = store::CaptureReader::open(store::source_of(read)).value();
    std::vector<Event> events;
    while (auto event = opened->next().value()) events.push_back(std::move(*event));
    EXPECT_TRUE(opened->damage().none());
    const std::size_t requests = all_of<Request>(events).size();
    EXPECT_LT(requests, kExchanges);
    EXPECT_EQ(all_of<Response>(events).size(), requests);
    std::uint64_t dropped = 0;
    for (const Gap& gap : all_of<Gap>(events)) dropped += gap.exchanges_dropped;
    EXPECT_EQ(dropped + requests, kExchanges + 2) << "each is told in its session, also where that ended meanwhile";
    EXPECT_EQ(all_of<Counters>(events).back().values.at("loss.writer_exchanges"), dropped);
    EXPECT_EQ(all_of<Request>(events).back().ordinal, Ordinal(kExchanges));
    const auto states = all_of<SessionState>(events);
    const auto& statements = states.back().statements;
    EXPECT_TRUE(std::any_of(statements.begin(), statements.end(), [](const auto& s) { return s.name == "by_id"; }))
        << "what was prepared while nothing was recorded";
}

TEST(EventRecorder, AFullDiskIsSaidAndTheCallerGoesOn) {
    if (!fs::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
    EventRecorderOptions options;
    options.output.path = "/dev/full";
    const auto failed = EventRecorder::start(options, header());
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, Errc::io);
}

TEST(EventRecorder, WrongPlaces) {
    testing::TemporaryDirectory directory;
    EventRecorderOptions options;
    options.output.rotating = true;
    options.output.path = directory.file("file");
    std::ofstream(options.output.path) << "x";
    EXPECT_EQ(EventRecorder::start(options, header()).error().code, Errc::usage);
    options.output.path = "/proc/nowhere/captures";
    EXPECT_EQ(EventRecorder::start(options, header()).error().code, Errc::io);
}

}  // namespace
}  // namespace understudy::capture
