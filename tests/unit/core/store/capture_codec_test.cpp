#include "core/store/capture_codec.hpp"

#include <gtest/gtest.h>

#include "capture.pb.h"
#include "core/store/chunk.hpp"
#include "tests/unit/core/store/sample_events.hpp"

namespace understudy::store {
namespace {

/// The body of the record at the front of `bytes`, which is taken away.
BytesView take_record(BytesView& bytes) {
    std::size_t length = 0;
    for (std::size_t i = 0;; ++i) {
        const auto byte = static_cast<unsigned char>(bytes.at(0));
        bytes.remove_prefix(1);
        length |= (byte & 0x7FUL) << (7 * i);
        if ((byte & 0x80U) == 0) break;
    }
    const BytesView body = bytes.substr(0, length);
    bytes.remove_prefix(length);
    return body;
}

TEST(CaptureCodecTest, EveryEventComesBack) {
    CaptureCodec codec;
    const std::vector<Event> events = sample_events();
    for (const Timestamp base :
         {morning(0), Timestamp(), Timestamp::from_ns(INT64_MIN), Timestamp::from_ns(INT64_MAX)}) {
        Bytes records;
        for (const Event& event : events) ASSERT_TRUE(codec.append(records, event, base));
        BytesView rest = records;
        for (std::size_t i = 0; i < events.size(); ++i) {
            const auto decoded = codec.decode(take_record(rest), base);
            ASSERT_TRUE(decoded.has_value()) << i;
            EXPECT_EQ(*decoded, events[i]) << i;
        }
        EXPECT_TRUE(rest.empty());
    }
}

/// Records of one chunk, each leaning on those before.
TEST(CaptureCodecTest, EveryEventOfAChunkComesBack) {
    std::vector<Event> events = sample_events();
    const std::vector<Event> once = events;
    events.insert(events.end(), once.begin(), once.end());
    const auto at = [](std::uint64_t session, std::uint32_t ordinal, std::uint32_t seen) {
        return Request{SessionId(session), Ordinal(ordinal), {}, morning(1), {Ordinal(seen), 1, true}, false, "f"};
    };
    for (const Request& request : {at(5, 0, 0), at(6, UINT32_MAX, 7), at(5, UINT32_MAX, 0), at(6, 0, UINT32_MAX)}) {
        events.emplace_back(request);
        events.emplace_back(Response{request.session, request.ordinal, {}, {full_result()}, 'T', morning(2)});
        events.emplace_back(Response{request.session, request.ordinal, {}, {}, 0, {}});
    }
    CaptureCodec writer;
    CaptureCodec reader;
    for (const Timestamp base : {morning(0), Timestamp::from_ns(INT64_MIN)}) {
        Bytes records;
        writer.begin_chunk(base);
        for (const Event& event : events) ASSERT_TRUE(writer.append(records, event));
        reader.begin_chunk(base);
        BytesView rest = records;
        for (std::size_t i = 0; i < events.size(); ++i) {
            const auto decoded = reader.decode(take_record(rest));
            ASSERT_TRUE(decoded.has_value()) << i;
            EXPECT_EQ(*decoded, events[i]) << i;
        }
        EXPECT_TRUE(rest.empty());
    }
}

TEST(CaptureCodecTest, ARecordThatIsTooLongLeavesNoTrace) {
    Request request{SessionId(5), Ordinal(9), {}, morning(3), {}, false, Bytes(kMaxRecordLength, 'x')};
    CaptureCodec codec;
    Bytes out;
    codec.begin_chunk(morning(0));
    EXPECT_FALSE(codec.append(out, Event(request)));
    request.frames = "Q";
    request.time = morning(4);
    EXPECT_TRUE(codec.append(out, Event(request)));
    BytesView rest = out;
    EXPECT_EQ(CaptureCodec().decode(take_record(rest), morning(0)).value(), Event(request));
}

TEST(CaptureCodecTest, ASessionThatTheChunkDoesNotName) {
    for (const bool asked : {false, true}) {
        v1::Record record;
        if (asked) {
            record.mutable_request()->set_since_ns(0);
            record.mutable_request()->set_place(1);
        } else {
            record.mutable_response()->set_since_ns(0);
            record.mutable_response()->set_place(UINT32_MAX);
        }
        EXPECT_EQ(CaptureCodec().decode(record.SerializeAsString(), morning(0)).error().code, Errc::malformed);
    }
}

TEST(CaptureCodecTest, RecordsOfVersion1StandAlone) {
    v1::Record record;
    auto& request = *record.mutable_request();
    request.set_session(5);
    request.set_ordinal(7);
    request.set_time_ns(3);
    request.set_seen_ordinal(6);
    request.set_frames("f");
    const Request asked{SessionId(5), Ordinal(7), {}, morning(3), {Ordinal(6), 0, false}, false, "f"};
    CaptureCodec codec;
    codec.begin_chunk(morning(0));
    for (int i = 0; i < 2; ++i) EXPECT_EQ(codec.decode(record.SerializeAsString()).value(), Event(asked));

    auto& response = *record.mutable_response();
    response.set_session(5);
    response.set_ordinal(7);
    response.set_ready_ns(9);
    response.set_ended(true);
    auto& result = *response.add_results();
    result.set_has_first(true);
    result.set_first_ns(4);
    result.set_end_ns(8);
    StepResult answered;
    answered.first = morning(4);
    answered.end = morning(8);
    EXPECT_EQ(codec.decode(record.SerializeAsString()).value(),
              Event(Response{SessionId(5), Ordinal(7), {}, {answered}, 0, morning(9)}));
}

TEST(CaptureCodecTest, AReusedCodecRemembersNothing) {
    CaptureCodec used;
    Bytes ignored;
    for (const Event& event : sample_events()) used.append(ignored, event, morning(0));
    for (const Event& event : {Event(Request{}), Event(Response{}), Event(SessionState{})}) {
        Bytes one;
        Bytes other;
        used.append(one, event, morning(0));
        CaptureCodec().append(other, event, morning(0));
        EXPECT_EQ(one, other);
    }
}

TEST(CaptureCodecTest, RecordsHaveALimit) {
    CaptureCodec codec;
    Request request;
    request.frames.assign(kMaxRecordLength - 32, 'x');
    Bytes out = "before";
    EXPECT_TRUE(codec.append(out, Event(request), morning(0)));
    request.frames.assign(kMaxRecordLength, 'x');
    out = "before";
    EXPECT_FALSE(codec.append(out, Event(request), morning(0)));
    EXPECT_EQ(out, "before");
}

TEST(CaptureCodecTest, HostileAndNewerRecords) {
    CaptureCodec codec;
    EXPECT_EQ(codec.decode("\xff\xff", morning(0)).error().code, Errc::malformed);
    EXPECT_EQ(codec.decode("", morning(0)).error().code, Errc::unsupported);
    EXPECT_EQ(codec.decode("\xfa\x7f\x01x", morning(0)).error().code,
              Errc::unsupported);  // field 2047: of a newer version
    v1::Record record;
    record.mutable_session_closed()->set_end(1000);
    EXPECT_EQ(std::get<SessionClosed>(*codec.decode(record.SerializeAsString(), morning(0))).end,
              SessionEnd::connection);
    auto& step = *record.mutable_response()->add_results();
    step.set_kind(1000);
    step.set_outcome(1000);
    step.mutable_copy()->set_direction(1000);
    step.set_rows(UINT64_MAX);
    step.add_cells(1);
    const Response response = std::get<Response>(*codec.decode(record.SerializeAsString(), morning(0)));
    EXPECT_EQ(response.results.at(0).kind, StepKind::unknown);
    EXPECT_EQ(response.results.at(0).outcome, StepOutcome::incomplete);
    EXPECT_EQ(response.results.at(0).copy.direction, CopyDirection::none);
}

TEST(CaptureCodecTest, Header) {
    EXPECT_EQ(decode_header(encode_header(sample_header())).value(), sample_header());
    EXPECT_EQ(decode_header(encode_header(CaptureHeader{})).value(), CaptureHeader{});
    EXPECT_EQ(decode_header("\xff").error().code, Errc::malformed);
    v1::Header header;
    header.set_policy(3);
    EXPECT_EQ(decode_header(header.SerializeAsString()).error().code, Errc::malformed);
}

TEST(CaptureCodecTest, TimeAndSessionOfAnEvent) {
    Response response{SessionId(5), {}, {}, {full_result()}, 0, {}};
    EXPECT_EQ(event_time(Event(response)), morning(9));
    response.ready = morning(20);
    EXPECT_EQ(event_time(Event(response)), morning(20));
    EXPECT_EQ(event_session(Event(response)), SessionId(5));
    EXPECT_FALSE(event_time(Event(Response{})).known());
    EXPECT_FALSE(event_time(Event(Counters{})).known());
    EXPECT_FALSE(event_time(Event(RowPart{})).known());
    EXPECT_EQ(event_time(Event(Gap{SessionId(1), morning(3), false, 0})), morning(3));
    EXPECT_EQ(event_session(Event(Counters{})), SessionId());
    EXPECT_EQ(event_session(Event(CatalogRecord{})), SessionId());
}

}  // namespace
}  // namespace understudy::store
