#include "capture/proxy/login_filter.hpp"

#include <gtest/gtest.h>

#include "core/pgwire/backend_messages.hpp"
#include "core/pgwire/frontend_messages.hpp"

namespace understudy::capture {
namespace {

using Verdict = LoginFilter::Verdict;
using namespace std::string_literals;

Bytes sasl(const Bytes& mechanisms) { return pgwire::encode_backend(pgwire::Authentication{10, mechanisms + '\0'}); }

const Bytes kBoth = sasl("SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0"s);
const Bytes kPlain = sasl("SCRAM-SHA-256\0"s);
const Bytes kOk = pgwire::encode_backend(pgwire::Authentication{0, {}});
const Bytes kNotice = pgwire::encode_backend(pgwire::NoticeResponse{{{'S', "NOTICE"}, {'M', "hello"}}});

TEST(LoginFilterTest, TakesChannelBindingOutHoweverTheBytesAreCut) {
    const Bytes sent = kNotice + kBoth;
    for (std::size_t cut = 0; cut < sent.size(); ++cut) {
        LoginFilter filter(true);
        Bytes out;
        ASSERT_EQ(filter.on_server_bytes(BytesView(sent).substr(0, cut), out), Verdict::undecided) << cut;
        ASSERT_EQ(filter.on_server_bytes(BytesView(sent).substr(cut), out), Verdict::passed) << cut;
        EXPECT_EQ(out, kNotice + kPlain);
        EXPECT_TRUE(filter.binding_removed());
    }
}

TEST(LoginFilterTest, LeavesTheListAloneWhereBindingHoldsOrIsAllThereIs) {
    Bytes out;
    LoginFilter holds(false);
    EXPECT_EQ(holds.on_server_bytes(kBoth, out), Verdict::passed);
    EXPECT_EQ(out, kBoth);
    EXPECT_FALSE(holds.binding_removed());
    out.clear();
    LoginFilter only(true);
    const Bytes plus = sasl("SCRAM-SHA-256-PLUS\0"s);
    EXPECT_EQ(only.on_server_bytes(plus, out), Verdict::passed);
    EXPECT_EQ(out, plus);
}

TEST(LoginFilterTest, PassesEverythingElseByteForByte) {
    for (const Bytes& first : {kOk + "Z", kOk, "\xff\xff\xff\xff\xff\xff"s, "R\0\0\0\0"s, "R\xff\xff\xff\xff"s}) {
        Bytes out;
        LoginFilter filter(true);
        EXPECT_EQ(filter.on_server_bytes(first, out), Verdict::passed);
        EXPECT_EQ(out, first);
    }
    Bytes out;
    LoginFilter unended(true);
    const Bytes damaged = "R\0\0\0\x0e\0\0\0\nSCRAM-"s;
    EXPECT_EQ(unended.on_server_bytes(damaged, out), Verdict::passed);
    EXPECT_EQ(out, damaged);
}

TEST(LoginFilterTest, TellsARefusal) {
    const Bytes error = fatal_error("28000", "no entry");
    Bytes out;
    LoginFilter filter(true);
    EXPECT_EQ(filter.on_server_bytes(error, out), Verdict::refused);
    EXPECT_EQ(out, error);
    const auto fields = pgwire::decode_server_fields(BytesView(error).substr(5));
    ASSERT_TRUE(fields);
    EXPECT_EQ(pgwire::field(*fields, 'C'), "28000");
    EXPECT_EQ(pgwire::field(*fields, 'M'), "no entry");
}

TEST(LoginFilterTest, KnowsTheClientThatWouldHaveBound) {
    const auto first = [](const Bytes& mechanism, const Bytes& data) {
        Bytes body = mechanism + '\0' + "\0\0\0"s + static_cast<char>(data.size()) + data;
        return "p\0\0\0"s + static_cast<char>(body.size() + 4) + body;
    };
    EXPECT_TRUE(declines_binding_unoffered(first("SCRAM-SHA-256", "y,,n=,r=abc")));
    EXPECT_FALSE(declines_binding_unoffered(first("SCRAM-SHA-256", "n,,n=,r=abc")));
    EXPECT_FALSE(declines_binding_unoffered(first("SCRAM-SHA-256-PLUS", "y,,n=,r=abc")));
    EXPECT_FALSE(declines_binding_unoffered("p\0\0"s));
    EXPECT_FALSE(declines_binding_unoffered({}));
}

}  // namespace
}  // namespace understudy::capture
