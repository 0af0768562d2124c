// COPY, where the server's state machine is least obvious (CopyGetData in copyfromparse.c).

#include <gtest/gtest.h>

#include "tests/support/dialogue.hpp"

namespace understudy::pgwire {
namespace {

using testing::Dialogue;
namespace be = testing::be;
namespace fe = testing::fe;

void expect_track(const Dialogue& talk, const std::string& expected) {
    EXPECT_EQ(talk.track(), expected);
    EXPECT_EQ(talk.check_every_ending(), "");
}

const Bytes kData = fe::copy_data("1\n") + fe::copy_data("2\n");

TEST(ResponseTrackerCopy, InThroughQuery) {
    Dialogue talk;
    talk.client(fe::query("copy t from stdin")).server(be::copy_in()).client(kData + fe::copy_done());
    talk.server(be::complete("COPY 2") + be::ready()).client(fe::query("b")).server(be::complete("B") + be::ready());
    expect_track(talk, "Q0.0+ Z0=I Q1.0+ Z1=I");
}

TEST(ResponseTrackerCopy, TwoInOneQuery) {
    Dialogue talk;
    talk.client(fe::query("copy t from stdin; copy u from stdin; select"))
        .server(be::copy_in())
        .client(kData + fe::copy_done());
    talk.server(be::complete("COPY 2") + be::copy_in()).client(kData + fe::copy_done());
    talk.server(be::complete("COPY 3") + be::complete("SELECT 0") + be::ready());
    expect_track(talk, "Q0.0+ Q0.1+ Q0.2+ Z0=I");
}

TEST(ResponseTrackerCopy, InThroughTheExtendedProtocolTakesOneSync) {
    Dialogue talk;
    talk.client(fe::unnamed("copy t from stdin") + fe::flush()).server(be::parsed_and_bound() + be::copy_in());
    talk.client(kData + fe::copy_done() + fe::sync()).server(be::complete("COPY 2") + be::ready());
    expect_track(talk, "P0.0+ B0.1+ E0.2+ Z0=I");
}

TEST(ResponseTrackerCopy, LibpqSendsTwoSyncsAndGetsOneReady) {
    Dialogue talk;
    talk.client(fe::unnamed("copy t from stdin") + fe::sync()).server(be::parsed_and_bound() + be::copy_in());
    talk.client(kData).client(fe::flush() + fe::sync()).client(fe::copy_done() + fe::sync());
    talk.server(be::complete("COPY 2") + be::ready());
    talk.client(fe::unnamed("b") + fe::sync()).server(be::parsed_and_bound() + be::complete("B") + be::ready());
    expect_track(talk, "P0.0+ B0.1+ E0.2+ Z0=I P1.0+ B1.1+ E1.2+ Z1=I");
}

TEST(ResponseTrackerCopy, BehindOtherPipelinedExchanges) {
    Dialogue talk;
    talk.client(fe::unnamed("a") + fe::sync() + fe::unnamed("copy") + fe::sync());
    talk.server(be::parsed_and_bound() + be::complete("A") + be::ready() + be::parsed_and_bound() + be::copy_in());
    talk.client(kData + fe::copy_done() + fe::sync() + fe::unnamed("c") + fe::sync());
    talk.server(be::complete("COPY 2") + be::ready() + be::parsed_and_bound() + be::complete("C") + be::ready());
    expect_track(talk, "P0.0+ B0.1+ E0.2+ Z0=I P1.0+ B1.1+ E1.2+ Z1=I P2.0+ B2.1+ E2.2+ Z2=I");
}

TEST(ResponseTrackerCopy, Fail) {
    Dialogue talk;
    talk.client(fe::query("copy"))
        .server(be::copy_in())
        .client(kData + fe::copy_fail())
        .server(be::error("57014") + be::ready());
    talk.client(fe::unnamed("copy") + fe::sync()).server(be::parsed_and_bound() + be::copy_in());
    talk.client(fe::copy_fail() + fe::sync()).server(be::error("57014", "again") + be::ready());
    expect_track(talk, "Q0.0! Z0=I P1.0+ B1.1+ E1.2! Z1=I");
}

TEST(ResponseTrackerCopy, ErrorAtExecuteLeavesTheFirstSyncInForce) {
    Dialogue talk;
    talk.client(fe::unnamed("copy") + fe::sync()).server(be::parsed_and_bound() + be::error("42501") + be::ready());
    talk.client(fe::query("b")).server(be::complete("B") + be::ready());
    expect_track(talk, "P0.0+ B0.1+ E0.2! Z0=I Q1.0+ Z1=I");
}

TEST(ResponseTrackerCopy, ErrorOnDataWhileTheClientStillSends) {
    Dialogue talk;
    talk.client(fe::query("copy"))
        .server(be::copy_in())
        .client(kData)
        .server(be::error("22P02") + be::ready())
        .client(kData);
    talk.client(kData + fe::copy_done()).client(fe::query("b")).server(be::complete("B") + be::ready());
    expect_track(talk, "Q0.0! Z0=I Q1.0+ Z1=I");
}

TEST(ResponseTrackerCopy, ErrorOnDataInTheExtendedProtocol) {
    Dialogue talk;
    talk.client(fe::unnamed("copy") + fe::sync()).server(be::parsed_and_bound() + be::copy_in()).client(kData);
    talk.server(be::error("22P02")).client(kData + fe::copy_done() + fe::sync()).server(be::ready());
    talk.client(fe::query("b")).server(be::complete("B") + be::ready());
    expect_track(talk, "P0.0+ B0.1+ E0.2! Z0=I Q1.0+ Z1=I");
}

TEST(ResponseTrackerCopy, ErrorAfterTheDataWasSent) {
    Dialogue talk;
    talk.client(fe::unnamed("copy") + fe::sync()).server(be::parsed_and_bound() + be::copy_in());
    talk.client(kData + fe::copy_done() + fe::sync() + fe::query("b"));
    talk.server(be::error("23505") + be::ready() + be::complete("B") + be::ready());
    expect_track(talk, "P0.0+ B0.1+ E0.2! Z0=I Q1.0+ Z1=I");
}

TEST(ResponseTrackerCopy, DataSentWithoutWaiting) {
    Dialogue talk;
    talk.client(fe::query("copy") + kData + fe::copy_done() + fe::unnamed("b") + fe::sync());
    talk.server(be::copy_in() + be::complete("COPY 2") + be::ready() + be::parsed_and_bound() + be::complete("B") +
                be::ready());
    expect_track(talk, "Q0.0+ Z0=I P1.0+ B1.1+ E1.2+ Z1=I");
}

TEST(ResponseTrackerCopy, DataOfTwoCopiesSentWithoutWaiting) {
    const Bytes sent = kData + fe::copy_done();
    Dialogue talk;
    talk.client(fe::query("copy; copy") + sent + sent).server(be::copy_in() + be::complete("COPY 2") + be::copy_in());
    talk.client(fe::unnamed("b") + fe::sync());  // a Sync that the server obeys, as the data is over
    talk.server(be::complete("COPY 3") + be::ready() + be::parsed_and_bound() + be::complete("B") + be::ready());
    expect_track(talk, "Q0.0+ Q0.1+ Z0=I P1.0+ B1.1+ E1.2+ Z1=I");
}

TEST(ResponseTrackerCopy, OnlyTheFirstOfTwoSentWithoutWaiting) {
    Dialogue talk;
    talk.client(fe::query("copy; copy") + kData + fe::copy_done())
        .server(be::copy_in() + be::complete("COPY 2") + be::copy_in());
    talk.client(fe::sync() + kData + fe::copy_done());  // ignored: the second copy reads
    talk.server(be::complete("COPY 3") + be::ready()).client(fe::query("b")).server(be::complete("B") + be::ready());
    EXPECT_EQ(talk.track(), "Q0.0+ Q0.1+ Z0=I Q1.1+ Z1=I");
}

TEST(ResponseTrackerCopy, TwoPipelinedBeforeOneSyncSentWithoutWaiting) {
    const Bytes copy = fe::unnamed("copy") + kData + fe::copy_done();
    Dialogue talk;
    talk.client(copy + copy + fe::sync());
    talk.server(be::parsed_and_bound() + be::copy_in() + be::complete("COPY 2"));
    talk.server(be::parsed_and_bound() + be::copy_in() + be::complete("COPY 3") + be::ready());
    expect_track(talk, "P0.0+ B0.1+ E0.2+ P0.3+ B0.4+ E0.5+ Z0=I");
}

TEST(ResponseTrackerCopy, DataSentWithoutWaitingForACopyThatFails) {
    Dialogue talk;
    talk.client(fe::query("copy") + kData + fe::copy_done()).server(be::error("42P01") + be::ready());
    talk.client(kData + fe::copy_done());  // nobody asked: the server ignores it
    talk.client(fe::query("b")).server(be::complete("B") + be::ready());
    expect_track(talk, "Q0.0! Z0=I Q1.0+ Z1=I");
}

TEST(ResponseTrackerCopy, StrayDataBelongsToWhatIsSentNext) {
    Dialogue talk;
    talk.client(kData + fe::copy_done() + fe::query("b")).server(be::complete("B") + be::ready());
    expect_track(talk, "Q0.0+ Z0=I");
    EXPECT_EQ(talk.transcribe(), "> 0.0 ddcQ seen 0.0\n< 0.0 Statement+{B} ready I\n");
}

TEST(ResponseTrackerCopy, Out) {
    const Bytes copy =
        be::copy_out() + be::copy_data("1\n") + be::copy_data("2\n") + be::copy_done() + be::complete("COPY 2");
    Dialogue talk;
    talk.client(fe::query("copy t to stdout")).server(copy + be::ready());
    talk.client(fe::unnamed("copy t to stdout") + fe::sync()).server(be::parsed_and_bound() + copy + be::ready());
    expect_track(talk, "Q0.0+ Z0=I P1.0+ B1.1+ E1.2+ Z1=I");
}

TEST(ResponseTrackerCopy, ErrorInTheMidstOfOut) {
    Dialogue talk;
    talk.client(fe::query("copy t to stdout"))
        .server(be::copy_out() + be::copy_data("1\n") + be::error("22012") + be::ready());
    talk.client(fe::unnamed("copy t to stdout") + fe::sync() + fe::query("b"));
    talk.server(be::parsed_and_bound() + be::copy_out() + be::copy_data("1\n") + be::error("22012", "two") +
                be::ready());
    talk.server(be::complete("B") + be::ready());
    expect_track(talk, "Q0.0! Z0=I P1.0+ B1.1+ E1.2! Z1=I Q2.0+ Z2=I");
}

TEST(ResponseTrackerCopy, NoticesAmongTheData) {
    Dialogue talk;
    talk.client(fe::query("copy"))
        .server(be::notice("before") + be::copy_in())
        .client(kData)
        .server(be::notice("trigger"));
    talk.client(fe::copy_done()).server(be::notice("after") + be::complete("COPY 2") + be::ready());
    expect_track(talk, "Q0.0+ Z0=I");
}

// A Sync before CopyInResponse that the server obeys although the copy had begun (a statement trigger failed
// before any data was read) gives one ReadyForQuery more than was foreseen.
TEST(ResponseTrackerCopy, ReadyTooMuchAfterACopyThatFailedBeforeItRead) {
    Dialogue talk;
    talk.client(fe::unnamed("copy") + fe::sync())
        .server(be::parsed_and_bound() + be::copy_in() + be::error("P0001") + be::ready());
    talk.client(fe::copy_done() + fe::sync()).server(be::ready());
    talk.client(fe::query("b")).server(be::complete("B") + be::ready());
    EXPECT_EQ(talk.track(), "P0.0+ B0.1+ E0.2! unexpected:Z Z0=I Q1.0+ Z1=I");
}

}  // namespace
}  // namespace understudy::pgwire
