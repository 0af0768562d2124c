#include "capture/proxy/prelude.hpp"

#include <gtest/gtest.h>

#include "core/pgwire/startup.hpp"

namespace understudy::capture {
namespace {

const Bytes kSsl = pgwire::encode_startup(pgwire::SslRequest{});
const Bytes kGss = pgwire::encode_startup(pgwire::GssEncRequest{});
const Bytes kCancel = pgwire::encode_startup(pgwire::CancelRequest{7, "key!"});
const Bytes kStartup = pgwire::encode_startup(pgwire::StartupMessage{pgwire::kProtocol30, {{"user", "ann"}}});

TEST(PreludeTest, WaitsForAWholeStartupPacketAndHandsItOverWithWhatFollows) {
    Prelude prelude(false);
    for (std::size_t i = 0; i + 1 < kStartup.size(); ++i) {
        prelude.append(BytesView(kStartup).substr(i, 1));
        ASSERT_EQ(prelude.next(), PreludeStep::need_more) << i;
    }
    prelude.append(BytesView(kStartup).substr(kStartup.size() - 1));
    prelude.append("more");
    EXPECT_EQ(prelude.next(), PreludeStep::startup);
    EXPECT_EQ(prelude.take(), kStartup + "more");
}

TEST(PreludeTest, RefusesEncryptionThatIsNotConfiguredAndGoesOnInClear) {
    Prelude prelude(false);
    prelude.append(kGss);
    EXPECT_EQ(prelude.next(), PreludeStep::refuse_encryption);
    prelude.append(kSsl);
    EXPECT_EQ(prelude.next(), PreludeStep::refuse_encryption);
    prelude.append(kCancel);
    EXPECT_EQ(prelude.next(), PreludeStep::cancel);
    EXPECT_EQ(prelude.take(), kCancel);
}

TEST(PreludeTest, BeginsTlsWhenAskedAndOnlyOnce) {
    Prelude prelude(true);
    prelude.append(kGss);
    EXPECT_EQ(prelude.next(), PreludeStep::refuse_encryption);
    prelude.append(kSsl);
    EXPECT_EQ(prelude.next(), PreludeStep::begin_tls);
    EXPECT_EQ(prelude.next(), PreludeStep::need_more);
    prelude.append(kSsl);
    EXPECT_EQ(prelude.next(), PreludeStep::reject);
}

TEST(PreludeTest, PlainBytesBehindAnSslRequestAreNotTakenForEncryptedOnes) {
    Prelude prelude(true);
    prelude.append(kSsl + kStartup);
    EXPECT_EQ(prelude.next(), PreludeStep::reject);
}

TEST(PreludeTest, DirectTlsOnlyWhereTlsIsConfigured) {
    Prelude with(true);
    with.append("\x16\x03\x01");
    EXPECT_EQ(with.next(), PreludeStep::direct_tls);
    EXPECT_EQ(with.take(), "\x16\x03\x01");
    with.append(kStartup);
    EXPECT_EQ(with.next(), PreludeStep::startup);
    Prelude without(false);
    without.append("\x16\x03\x01");
    EXPECT_EQ(without.next(), PreludeStep::reject);
}

TEST(PreludeTest, RejectsWhatIsNotPostgresql) {
    Prelude prelude(true);
    prelude.append("GET / HTTP/1.1\r\n");
    EXPECT_EQ(prelude.next(), PreludeStep::reject);
    Prelude short_cancel(true);
    short_cancel.append(BytesView("\0\0\0\10\4\322\26\56", 8));
    EXPECT_EQ(short_cancel.next(), PreludeStep::reject);
}

}  // namespace
}  // namespace understudy::capture
