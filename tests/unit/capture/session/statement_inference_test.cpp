#include "capture/session/statement_inference.hpp"

#include <gmock/gmock.h>

#include "capture/pipeline.hpp"
#include "tests/unit/capture/session/session_fixture.hpp"

namespace understudy::capture {
namespace {

using testing::Conversation;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// Sessions of one pool, as packets.
class Pool {
public:
    Pool() : pipeline_(options(), testing::test_digester(), list_) {}

    static Bytes bind_and_execute(BytesView name, std::vector<std::optional<Bytes>> values = {Bytes("1")}) {
        pgwire::Bind bind;
        bind.statement = name;
        bind.parameters = std::move(values);
        return pgwire::encode_frontend(bind) + fe::execute() + fe::sync();
    }
    static Bytes answer(std::initializer_list<std::optional<Bytes>> row = {"v"}, BytesView tag = "SELECT 1") {
        return wire::frame('2', "") + be::row(row) + be::complete(tag) + be::ready();
    }
    /// A session from its start-up on, which prepares the name and executes it.
    void knows(BytesView name, BytesView sql, const Bytes& answered = answer(), const char* address = "10.0.0.2",
               std::vector<std::pair<Bytes, Bytes>> startup = {{"user", "ann"}, {"database", "shop"}}) {
        Conversation talk = next(address);
        talk.handshake();
        talk.client_sends(wire::startup(std::move(startup)));
        talk.server_sends(wire::logged_in());
        talk.client_sends(fe::parse(name, sql) + bind_and_execute(name));
        talk.server_sends(wire::frame('1', "") + answered);
        talk.close();
        play(talk);
    }
    /// One that was open before, which executes it.
    void uses(BytesView name, const Bytes& answered = answer(),
              std::vector<std::optional<Bytes>> values = {Bytes("2")}) {
        Conversation talk = next("10.0.0.2");
        for (int i = 0; i < 3; ++i) {
            talk.client_sends(bind_and_execute(name, values));
            talk.server_sends(answered);
        }
        play(talk);
    }
    std::vector<StatementInferred> inferred() {
        pipeline_.finish(PcapStats{});
        std::vector<StatementInferred> found;
        for (const Event& event : list_.events) {
            if (const auto* one = std::get_if<StatementInferred>(&event)) found.push_back(*one);
        }
        return found;
    }
    std::uint64_t count(const std::string& name) const {
        const auto& values = std::get<Counters>(list_.events.back()).values;
        return values.count(name) == 0 ? 0 : values.at(name);
    }

private:
    static PipelineOptions options() {
        PipelineOptions options;
        options.flows.server_ports = {5432};
        return options;
    }
    Conversation next(const char* address) {
        Conversation talk(testing::endpoint(address, ++port_));
        talk.at(Timestamp::from_ns(1'700'000'000'000'000'000 + port_ * 1'000'000'000LL));
        return talk;
    }
    void play(const Conversation& talk) {
        for (const testing::TimedPacket& packet : talk.packets()) {
            pipeline_.on_packet(testing::kLinkEthernet, packet.bytes, static_cast<std::uint32_t>(packet.bytes.size()),
                                packet.time);
        }
    }
    std::uint16_t port_ = 40'000;
    testing::EventList list_;
    CapturePipeline pipeline_;
};

TEST(StatementInference, OneTextOfThePoolIsTakenForTheUnseenOne) {
    Pool pool;
    pool.uses("S_1");
    pool.knows("S_1", "select a from t where id = $1");
    pool.knows("S_1", "select a from t where id = $1");
    pool.uses("S_2");
    const auto inferred = pool.inferred();
    ASSERT_THAT(inferred, SizeIs(1));
    EXPECT_EQ(inferred[0].statement.name, "S_1");
    EXPECT_EQ(inferred[0].statement.sql, "select a from t where id = $1");
    EXPECT_EQ(inferred[0].sessions_agreeing, 2U);
    EXPECT_EQ(pool.count("requests.inferred"), 3U);
    EXPECT_EQ(pool.count("requests.unresolved"), 6U);
}

TEST(StatementInference, ANameWithTwoTextsIsNotResolved) {
    Pool pool;
    pool.knows("S_1", "select a from t where id = $1");
    pool.uses("S_1");
    pool.knows("S_1", "select b from t where id = $1");
    EXPECT_THAT(pool.inferred(), IsEmpty());
    EXPECT_EQ(pool.count("requests.inferred"), 0U);
}

TEST(StatementInference, WhatDoesNotFitIsNotResolved) {
    const auto resolved = [](const Bytes& answered, std::vector<std::optional<Bytes>> values) {
        Pool pool;
        pool.knows("S_1", "select a from t where id = $1");
        pool.uses("S_1", answered, std::move(values));
        return pool.inferred().size();
    };
    EXPECT_EQ(resolved(Pool::answer(), {Bytes("2")}), 1U);
    EXPECT_EQ(resolved(Pool::answer(), {Bytes("2"), std::nullopt}), 0U) << "another number of parameters";
    EXPECT_EQ(resolved(Pool::answer({"a", "b"}), {Bytes("2")}), 0U) << "other columns";
    EXPECT_EQ(resolved(wire::frame('2', "") + be::complete("UPDATE 1") + be::ready(), {Bytes("2")}), 0U);
    EXPECT_EQ(resolved(wire::frame('2', "") + be::complete("SELECT 0") + be::ready(), {Bytes("2")}), 1U)
        << "no row shows the columns, the tag does";
    EXPECT_EQ(resolved(wire::frame('2', "") + be::error("57014", "no") + be::ready(), {Bytes("2")}), 0U)
        << "an error shows nothing";
}

TEST(StatementInference, OtherPoolsSayNothing) {
    Pool other;
    other.knows("S_1", "select 1", Pool::answer(), "10.0.0.3");
    other.uses("S_1");
    EXPECT_THAT(other.inferred(), IsEmpty());
    Pool two;  // which of both the joined session is of is not known
    two.knows("S_1", "select a from t where id = $1");
    two.knows("S_1", "select b from t where id = $1", Pool::answer(), "10.0.0.2", {{"user", "bob"}});
    two.uses("S_1");
    EXPECT_THAT(two.inferred(), IsEmpty());
}

TEST(StatementInference, WhatNobodyExecutedShowsNothing) {
    Pool pool;
    pool.knows("S_1", "select nothing", wire::frame('2', "") + be::error("57014", "no") + be::ready());
    pool.uses("S_1");
    EXPECT_THAT(pool.inferred(), IsEmpty());
}

}  // namespace
}  // namespace understudy::capture
