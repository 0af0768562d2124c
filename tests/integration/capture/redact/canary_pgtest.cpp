// Values planted in a real session, which goes through the decoder into a file: where do they turn up?

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "capture/redact/redaction.hpp"
#include "capture/session/session_decoder.hpp"
#include "core/catalog/read_catalog.hpp"
#include "core/pgwire/startup.hpp"
#include "core/store/capture_codec.hpp"
#include "core/store/capture_reader.hpp"
#include "core/store/capture_writer.hpp"
#include "tests/support/frames.hpp"
#include "tests/support/raw_client.hpp"

namespace understudy::capture {
namespace {

using testing::RawClient;
using testing::ThrowawayCluster;
namespace fe = testing::fe;

// Values of ruled columns, and passwords.
const std::vector<Bytes> kCanaries{"canarymail1@example.com",
                                   "canarymail2@example.com",
                                   "canarymail3@example.com",
                                   "canarymail4@example.com",
                                   "canarymail5@example.com",
                                   "canarymail6@example.com",
                                   "canarymail7@example.com",
                                   "canarymail8@example.com",
                                   "canarymail9@example.com",
                                   "canaryorphan@example.com",
                                   "738112947",
                                   "canarypassword"};
const Bytes kBinarySsn("\x2b\xfe\xb9\xb3", 4);  // 738112947

/// One session with the server, all bytes of which go through a decoder.
class WatchedSession {
public:
    WatchedSession(const std::string& database, DecodeContext& context)
        : client_(ThrowawayCluster::shared(), database), decoder_(SessionId(1), opened(), context) {
        pgwire::StartupMessage startup{pgwire::kProtocol30, {{"user", "postgres"}, {"database", database}}};
        startup.parameters.emplace_back("application_name", "host=h password=canarypassword");
        decoder_.on_data(Direction::to_server, pgwire::encode_startup(startup), time());
        decoder_.on_data(Direction::to_client, Bytes("R\0\0\0\10\0\0\0\0", 9), time());
        decoder_.on_data(Direction::to_client, Bytes("Z\0\0\0\5I", 6), time());
    }
    void ask(BytesView frames, char until = 'Z') {
        decoder_.on_data(Direction::to_server, frames, time());
        client_.send(frames);
        const Bytes answer = client_.read_until(until);
        for (const Bytes& frame : testing::split_frames(answer)) errors_ += frame[0] == 'E' ? 1 : 0;
        received_ += answer;
        decoder_.on_data(Direction::to_client, answer, time());
    }
    void query(BytesView sql) { ask(fe::query(sql)); }
    void close() { decoder_.on_close(CloseReason::fin, time()); }
    [[nodiscard]] int errors() const { return errors_; }
    /// What the server sent, to be sure that the canaries were there.
    [[nodiscard]] const Bytes& received() const { return received_; }

private:
    static FlowOpened opened() {
        FlowOpened flow;
        flow.saw_syn = true;
        return flow;
    }
    Timestamp time() { return Timestamp::from_ns(++now_ * 1'000'000); }

    RawClient client_;
    SessionDecoder decoder_;
    std::int64_t now_ = 0;
    int errors_ = 0;
    Bytes received_;
};

/// Every way in which a value comes into a session.
void play(WatchedSession& session) {
    session.query("insert into users (id, email, ssn) values (1, 'canarymail1@example.com', 738112947)");
    session.query("insert into users values (2, 'canarymail2@example.com', null)");
    session.query("update users set email = lower('canarymail3@example.com') where email = 'canarymail2@example.com'");
    session.ask(fe::parse("s", "insert into users (id, email, ssn) values ($1, $2, $3)", {23, 25, 23}) +
                fe::bind("", "s", {}, {"3", "canarymail4@example.com", "738112948"}) + fe::execute() + fe::sync());
    pgwire::Bind binary;
    binary.statement = "s";
    binary.parameter_formats = {1};
    binary.parameters = {Bytes("\0\0\0\4", 4), "canarymail5@example.com", kBinarySsn};
    session.ask(pgwire::encode_frontend(binary) + fe::execute() + fe::sync());
    session.ask(fe::parse("", "select id, email, ssn from users where ssn = $1", {23}) +
                fe::bind("", "", {1}, {"738112947"}) + fe::describe_portal() + fe::execute() + fe::sync());
    for (const char* sql :
         {"select * from users", "select lower(email), email as e, max(ssn) over () as top from users",
          "select email || '!' from users", "select array_agg(email) from users",
          "with x as (select email as e from users) select e from x where e like 'canarymail1%'",
          "update users set id = id returning email as renamed, ssn"}) {
        session.query(sql);
    }
    session.ask(fe::query("copy users from stdin"), 'G');
    session.ask(fe::copy_data("6\tcanarymail6@exam") + fe::copy_data("ple.com\t738112949\n") + fe::copy_done());
    session.ask(fe::query("copy users (email, id) from stdin csv"), 'G');
    session.ask(fe::copy_data("\"canarymail7@example.com\",7\n") + fe::copy_done());
    session.ask(fe::query("copy users (id, email) from stdin binary"), 'G');
    session.ask(fe::copy_data(Bytes("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0\0\2\0\0\0\4\0\0\0\10\0\0\0\27", 33) +
                              "canarymail8@example.com" + Bytes("\xff\xff", 2)) +
                fe::copy_done());
    session.query("copy users to stdout");
    session.query("copy (select email from users) to stdout csv");
    session.query("copy users to stdout binary");
    session.query("prepare p(text) as select id from users where email = $1; execute p('canarymail1@example.com')");
    session.query("begin; declare c cursor for select email as e from users; fetch all from c; commit");
    session.query("explain select id from users where email = 'canarymail1@example.com'");
    session.query("select pg_notify('news', email) from users where id = 1");
    // Refused, with the value in message or detail.
    session.query("insert into users (id, email) values (9, 'canarymail1@example.com')");
    session.query("insert into users (id, ssn) values (9, 'canarymail9@example.com')");
    session.query("insert into mails (email) values ('canaryorphan@example.com')");
    session.query("selec email from users where email = 'canarymail1@example.com'");
    session.query("update users set ssn = 1 where email = 'canarymail1@example.com' and");
    session.query("do $$ begin raise notice '%', (select email from users where id = 1); end $$");
    session.query("do $$ begin update users set email = 'canarymail9@example.com' where id = 1; end $$");
    session.query("alter role postgres password 'canarypassword'");
    session.ask(fe::parse("", "select $1::text") + fe::bind("", "", {}, {"host=h password=canarypassword"}) +
                fe::execute() + fe::sync());
}

class CanaryPg : public ::testing::TestWithParam<ResultsPolicy> {
protected:
    static std::string create_database() {
        std::string created = ThrowawayCluster::shared().create_database("canary");
        ThrowawayCluster::shared().psql(
            "create table users(id int primary key, email text unique, ssn int);"
            "create table mails(email text references users(email));",
            created);
        return created;
    }

    /// The records of a capture of play(), decompressed: those of requests, and the others.
    std::pair<Bytes, Bytes> recorded(bool redact, const catalog::Catalog* catalog, const std::string& database) {
        testing::TemporaryDirectory directory;
        const std::string path = directory.file("canary.pgcap");
        CaptureHeader header;
        header.policy = GetParam();
        auto file = store::CaptureFile::create(path, header).value();
        store::EventWriter writer(*file);
        std::array<unsigned char, DigestKey::kSize> secret{};
        secret.fill(5);
        const Digester digester{DigestKey(secret)};
        DecodeContext context{digester, GetParam(), writer, {}, {}, {}};
        RedactionRules rules;
        EXPECT_TRUE(rules.add("email"));
        EXPECT_TRUE(rules.add("users.ssn"));
        const Redaction redaction(std::move(rules), DigestKey(secret), catalog, context.counters);
        if (redact) context.redaction = &redaction;
        {
            WatchedSession session(database, context);
            play(session);
            session.close();
            EXPECT_EQ(session.errors(), 5);
            for (const char* sent : {"canarymail1@example.com", "canarymail5@example.com", "738112947"}) {
                EXPECT_NE(session.received().find(sent), Bytes::npos);
            }
        }
        EXPECT_EQ(context.counters["loss.unexpected_messages"], 0U);
        writer.flush();
        EXPECT_TRUE(file->finish());
        counters_ = context.counters;
        return split(path);
    }
    static std::pair<Bytes, Bytes> split(const std::string& path) {
        auto reader = store::CaptureReader::open(path).value();
        store::CaptureCodec codec;
        Bytes requests;
        Bytes others;
        while (auto event = reader->next().value()) {
            codec.append(std::holds_alternative<Request>(*event) ? requests : others, *event, Timestamp());
        }
        EXPECT_TRUE(reader->damage().none());
        return {requests, others};
    }
    static std::vector<Bytes> found(const Bytes& records) {
        std::vector<Bytes> canaries;
        for (const Bytes& canary : kCanaries) {
            if (records.find(canary) != Bytes::npos) canaries.push_back(canary);
        }
        if (records.find(kBinarySsn) != Bytes::npos) canaries.push_back("the number in binary");
        return canaries;
    }

    std::map<std::string, std::uint64_t> counters_;
};

TEST_P(CanaryPg, AreNowhereUnderTheRules) {
    const auto [requests, others] = recorded(true, nullptr, create_database());
    EXPECT_THAT(found(requests), ::testing::IsEmpty());
    EXPECT_THAT(found(others), ::testing::IsEmpty());
    EXPECT_EQ(counters_["redact.unparsed_statements"], 2U);
    EXPECT_EQ(counters_["redact.unknown_statements"], 0U);
}

TEST_P(CanaryPg, AreNowhereUnderTheRulesWithACatalogue) {
    const std::string database = create_database();
    const catalog::Catalog catalog = catalog::read_catalog(ThrowawayCluster::shared().conninfo(database)).value();
    const auto [requests, others] = recorded(true, &catalog, database);
    EXPECT_THAT(found(requests), ::testing::IsEmpty());
    EXPECT_THAT(found(others), ::testing::IsEmpty());
    EXPECT_NE(requests.find("values (2, '"), Bytes::npos);  // the id is not ruled, and the catalogue says which it is
}

TEST_P(CanaryPg, AreInTheRequestsAloneWithoutRules) {
    const auto [requests, others] = recorded(false, nullptr, create_database());
    const std::vector<Bytes> in_requests = found(requests);
    // All but the password and the value that was cut in two, and the number in binary.
    EXPECT_EQ(in_requests.size(), kCanaries.size() - 1);
    EXPECT_THAT(in_requests, ::testing::Not(::testing::Contains("canarypassword")));
    if (GetParam() == ResultsPolicy::digest) {
        EXPECT_THAT(found(others), ::testing::IsEmpty());
    }
}

INSTANTIATE_TEST_SUITE_P(Policies, CanaryPg,
                         ::testing::Values(ResultsPolicy::digest, ResultsPolicy::sample, ResultsPolicy::full),
                         [](const auto& one) { return std::string(to_string(one.param)); });

}  // namespace
}  // namespace understudy::capture
