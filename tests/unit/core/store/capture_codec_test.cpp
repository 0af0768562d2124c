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
