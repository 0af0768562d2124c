#include "replay/remap/session_remapper.hpp"

#include <gmock/gmock.h>

#include "tests/unit/replay/remap/remap_fixture.hpp"

namespace understudy::replay {
namespace {

using testing::at_ms;
using testing::hash_of;
namespace be = testing::be;
namespace fe = testing::fe;
namespace oid = testing::oid;

const Bytes kInsert = "insert into orders (total) values (1) returning id";
const Bytes kById = "select id, total from orders where id = $1";
const Bytes kLiteral = "select id, total from orders where id = 5";

/// What the texts of this test do.
std::optional<std::vector<sql::StatementAccess>> read_text(BytesView text, const std::vector<Bytes>& /*path*/) {
    std::vector<sql::StatementAccess> accesses;
    std::size_t begin = 0;
    while (begin < text.size()) {
        const std::size_t end = std::min(text.find(';', begin), text.size());
        sql::StatementAccess& access = accesses.emplace_back();
        access.begin = begin;
        access.end = end;
        const BytesView statement = text.substr(begin, end - begin);
        access.kind = statement.starts_with("select") ? sql::StatementKind::select : sql::StatementKind::insert;
        if (statement.find("insert") != BytesView::npos)
            access.relations = {testing::access_to("orders", sql::AccessKind::insert)};
        const auto tie = [&](sql::ValueRef value) {
            access.ties.push_back({value, "", "orders", "id", 0, sql::ValueTie::Use::equal});
        };
        if (statement.find("$1") != BytesView::npos) tie({1, 0, 0});
        if (const auto at = statement.find("= 5"); at != BytesView::npos) tie({0, begin + at + 2, 1});
        if (statement.starts_with("copy")) access.kind = sql::StatementKind::copy_in;
        begin = end + 1;
    }
    return accesses;
}

/// A session that is replayed; the target answers as the test says, and the capture too.
class Session : public ::testing::Test {
protected:
    static Bytes description(bool total = true) {
        pgwire::RowDescription rows;
        rows.columns = {{"id", 200, 1, oid::int8, 8, -1, 0}};
        if (total) rows.columns.push_back({"total", 200, 3, oid::numeric, -1, -1, 0});
        return pgwire::encode_backend(rows);
    }
    void client(Bytes frames, std::uint32_t ordinal) {
        transcriber_.skip_to(Ordinal(ordinal));
        last_ = remapper_.rewrite(std::move(frames), Ordinal(ordinal), StepIndex(0));
        for (const Bytes& frame : testing::split_frames(last_))
            transcriber_.frontend(testing::view_frame(frame), at_ms(ordinal));
        transcriber_.end_of_client_data();
    }
    void server(BytesView frames) {
        for (const Bytes& frame : testing::split_frames(frames))
            transcriber_.backend(testing::view_frame(frame), at_ms(1));
        transcriber_.end_of_server_data();
    }
    void exchange(Bytes frames, std::uint32_t ordinal, BytesView answer) {
        client(std::move(frames), ordinal);
        server(answer);
    }
    /// What the capture answered: rows of an id, and of a total where it is given.
    void recorded(std::uint32_t ordinal, std::uint32_t step, const std::vector<Bytes>& ids, const Bytes& total = "") {
        StepResult result;
        result.rows = ids.size();
        for (const Bytes& id : ids) {
            result.digest.cells.push_back(hash_of(oid::int8, id));
            if (!total.empty()) result.digest.cells.push_back(hash_of(oid::numeric, total));
        }
        remapper_.recorded(Response{kSession, Ordinal(ordinal), StepIndex(step), {result}, 'I', at_ms(1)});
    }
    static Bytes inserted(const Bytes& id, char status = 'I') {
        return description(false) + be::row({id}) + be::complete("INSERT 0 1") + be::ready(status);
    }
    static Bytes ended(const char* tag, char status) { return be::complete(tag) + be::ready(status); }
    [[nodiscard]] Bytes sent_sql() const { return last_.substr(5, last_.size() - 6); }
    [[nodiscard]] std::vector<StepResult> results() const {
        std::vector<StepResult> found;
        for (const Event& event : list_.events) {
            if (const auto* response = std::get_if<Response>(&event))
                found.insert(found.end(), response->results.begin(), response->results.end());
        }
        return found;
    }
    [[nodiscard]] DomainCounts counts() const {
        const RemapReport report = context_.report();
        const auto found = report.domains.find("orders.id");
        return found == report.domains.end() ? DomainCounts{} : found->second;
    }

    static constexpr SessionId kSession{7};
    RemapContext context_{testing::order_domains(), testing::test_digester(), read_text};
    std::atomic<std::uint64_t> queued_{0};
    testing::EventList list_;
    MessageCounts messages_;
    SessionRemapper remapper_{kSession, context_, list_, queued_};
    Transcriber transcriber_{kSession, testing::test_digester(), ResultsPolicy::digest, false, messages_, remapper_};
    Bytes last_;

    void SetUp() override { transcriber_.set_mapper(&remapper_); }
};

TEST_F(Session, LearnsFromAnInsertAndMapsWhatFollows) {
    recorded(0, 0, {"5"});
    exchange(fe::query(kInsert), 0, inserted("1005"));
    EXPECT_EQ(sent_sql(), kInsert);
    recorded(1, 0, {"5"}, "1");
    exchange(fe::query(kLiteral), 1, description() + be::row({"1005", "1"}) + be::complete("SELECT 1") + be::ready());
    EXPECT_EQ(sent_sql(), "select id, total from orders where id = 1005");
    const auto answers = results();
    ASSERT_EQ(answers.size(), 2U);
    for (const StepResult& answer : answers) {
        ASSERT_TRUE(answer.normalised);
        EXPECT_EQ(answer.normalised->cells[0], hash_of(oid::int8, "5"));
        EXPECT_EQ(answer.digest.cells[0], hash_of(oid::int8, "1005"));
    }
    EXPECT_EQ(counts(), (DomainCounts{1, 1, 0, 0, 0, 0}));
    EXPECT_EQ(queued_, 0U);
}

TEST_F(Session, MapsParametersOfPreparedStatements) {
    recorded(0, 0, {"5"});
    exchange(fe::query(kInsert), 0, inserted("1005"));
    client(fe::parse("s", kById) + fe::describe_statement("s") + fe::sync(), 1);
    server(be::parse_complete() + be::parameter_description({20}) + description() + be::ready());
    const Bytes before = fe::bind("", "s", {}, {"5"}) + fe::execute() + fe::sync();
    client(before, 2);
    EXPECT_EQ(last_, fe::bind("", "s", {}, {"1005"}) + fe::execute() + fe::sync());
    client(fe::bind("", "s", {}, {"6"}) + fe::execute() + fe::sync(), 3);
    EXPECT_EQ(last_, fe::bind("", "s", {}, {"6"}) + fe::execute() + fe::sync());
    EXPECT_EQ(counts(), (DomainCounts{1, 1, 0, 1, 0, 0}));
    remapper_.entered(fe::parse("entered", kById) + fe::sync());
    client(fe::bind("", "entered", {}, {"5"}) + fe::execute() + fe::sync(), 4);
    EXPECT_EQ(last_, fe::bind("", "entered", {}, {"1005"}) + fe::execute() + fe::sync());
    client(fe::close_statement("s") + fe::bind("", "s", {}, {"5"}) + fe::sync(), 5);
    EXPECT_EQ(last_, fe::close_statement("s") + fe::bind("", "s", {}, {"5"}) + fe::sync());
}

TEST_F(Session, TheRecordedAnswerMayComeLater) {
    exchange(fe::query(kInsert), 0, inserted("1005"));
    EXPECT_EQ(results().size(), 0U) << "held back";
    recorded(0, 0, {"5"});
    ASSERT_EQ(results().size(), 1U);
    EXPECT_TRUE(results()[0].normalised);
    exchange(fe::query(kInsert), 1, inserted("1006"));
    recorded(2, 0, {"9"});
    EXPECT_EQ(results().size(), 2U) << "that of exchange 1 will not come";
    EXPECT_FALSE(results()[1].normalised);
    exchange(fe::query(kInsert), 3, inserted("1007"));
    remapper_.end_of_recording();
    EXPECT_EQ(results().size(), 3U);
    EXPECT_EQ(context_.report().unpaired_results, 2U);
    EXPECT_EQ(context_.report().held_responses, 0U);
}

TEST_F(Session, HoldsNoMoreThanItMay) {
    for (std::uint32_t i = 0; i < SessionRemapper::kMaxHeld; ++i)
        exchange(fe::query(kInsert), i, inserted(std::to_string(1000 + i)));
    EXPECT_GT(context_.report().held_responses, 0U);
    EXPECT_GT(results().size(), 0U);
    remapper_.on_event(SessionClosed{kSession, at_ms(9), SessionEnd::terminate, {}, {}});
    EXPECT_EQ(results().size(), SessionRemapper::kMaxHeld);
    EXPECT_TRUE(std::holds_alternative<SessionClosed>(list_.events.back()));
}

TEST_F(Session, ARollbackDropsWhatItsTransactionLearned) {
    exchange(fe::query("begin"), 0, ended("BEGIN", 'T'));
    recorded(1, 0, {"5"});
    exchange(fe::query(kInsert), 1, inserted("1005", 'T'));
    client(fe::query(kLiteral), 2);
    EXPECT_EQ(sent_sql(), "select id, total from orders where id = 1005") << "inside it is known";
    server(be::complete("SELECT 0") + be::ready('T'));
    exchange(fe::query("rollback"), 3, ended("ROLLBACK", 'I'));
    client(fe::query(kLiteral), 4);
    EXPECT_EQ(sent_sql(), kLiteral);
}

TEST_F(Session, ARollbackToASavepointDropsWhatCameAfterIt) {
    exchange(fe::query("begin"), 0, ended("BEGIN", 'T'));
    exchange(fe::query("savepoint a"), 1, ended("SAVEPOINT", 'T'));
    recorded(2, 0, {"5"});
    exchange(fe::query(kInsert), 2, inserted("1005", 'T'));
    EXPECT_EQ(context_.map.size(), 1U);
    exchange(fe::query("rollback to a"), 3, ended("ROLLBACK", 'T'));
    EXPECT_EQ(context_.map.size(), 0U);
    recorded(4, 0, {"6"});
    exchange(fe::query(kInsert), 4, inserted("1006", 'T'));
    exchange(fe::query("release a"), 5, ended("RELEASE", 'T'));
    exchange(fe::query("commit"), 6, ended("COMMIT", 'I'));
    EXPECT_EQ(context_.map.size(), 1U);
}

TEST_F(Session, AFailedImplicitTransactionDropsAll) {
    recorded(0, 0, {"5"});
    exchange(fe::query(kInsert + ";select 1/0"), 0,
             description(false) + be::row({"1005"}) + be::complete("INSERT 0 1") + be::error("22012") + be::ready());
    EXPECT_EQ(context_.map.size(), 0U);
}

TEST_F(Session, ACommitThatFailsAndAClosedConnectionDropAll) {
    exchange(fe::query("begin"), 0, ended("BEGIN", 'T'));
    recorded(1, 0, {"5"});
    exchange(fe::query(kInsert), 1, inserted("1005", 'T'));
    exchange(fe::query("commit"), 2, ended("ROLLBACK", 'I'));
    EXPECT_EQ(context_.map.size(), 0U);
    exchange(fe::query("begin"), 3, ended("BEGIN", 'T'));
    recorded(4, 0, {"6"});
    exchange(fe::query(kInsert), 4, inserted("1006", 'T'));
    EXPECT_EQ(context_.map.size(), 1U);
    remapper_.on_event(SessionClosed{kSession, at_ms(9), SessionEnd::connection, {}, {}});
    EXPECT_EQ(context_.map.size(), 0U);
}

TEST_F(Session, AnotherSessionUsesWhatWasLearned) {
    testing::EventList list;
    SessionRemapper other(SessionId(8), context_, list, queued_);
    exchange(fe::query("begin"), 0, ended("BEGIN", 'T'));
    recorded(1, 0, {"5"});
    exchange(fe::query(kInsert), 1, inserted("1005", 'T'));
    EXPECT_EQ(other.rewrite(fe::query(kLiteral), Ordinal(0), StepIndex(0)),
              fe::query("select id, total from orders where id = 1005"));
    EXPECT_EQ(context_.report().uncommitted_values, 1U);
    exchange(fe::query("commit"), 2, ended("COMMIT", 'I'));
    EXPECT_NE(other.rewrite(fe::query(kLiteral), Ordinal(1), StepIndex(0)), fe::query(kLiteral));
    EXPECT_EQ(context_.report().uncommitted_values, 1U);
}

TEST_F(Session, LargeResultsAreNormalisedAsTheyPass) {
    recorded(0, 0, {"5"});
    exchange(fe::query(kInsert), 0, inserted("1005"));
    const auto answer = [](const Bytes& first) {
        Bytes rows = description(false) + be::row({first});
        for (int i = 0; i < 100; ++i) rows += be::row({std::to_string(2000 + i)});
        return rows + be::complete("SELECT 101") + be::ready();
    };
    exchange(fe::query("select id from orders order by total"), 1, answer("1005"));
    remapper_.end_of_recording();
    const StepResult mapped = results().back();
    ASSERT_TRUE(mapped.normalised);
    exchange(fe::query("select id from orders order by total"), 2, answer("5"));
    const StepResult plain = results().back();
    EXPECT_FALSE(plain.normalised);
    EXPECT_EQ(mapped.comparable(), plain.comparable());
    EXPECT_NE(mapped.digest, plain.digest);
}

TEST_F(Session, CopyDataIsMappedAcrossMessages) {
    recorded(0, 0, {"5"});
    exchange(fe::query(kInsert), 0, inserted("1005"));
    client(fe::query("copy orders (id, total) from stdin"), 1);
    server(be::copy_in());
    client(fe::copy_data("5\t7\n5") + fe::copy_data("\t8\n6\t5") + fe::copy_done(), 1);
    EXPECT_EQ(last_, fe::copy_data("1005\t7\n") + fe::copy_data("1005\t8\n") + fe::copy_data("6\t5") + fe::copy_done());
    server(be::complete("COPY 3") + be::ready());
    client(fe::query("copy tally from stdin"), 2);
    client(fe::copy_data("5\n") + fe::copy_done(), 2);
    EXPECT_EQ(last_, fe::copy_data("5\n") + fe::copy_done());
}

TEST_F(Session, NamesMeanWhatTheSearchPathSays) {
    recorded(0, 0, {"5"});
    exchange(fe::query(kInsert), 0, inserted("1005"));
    exchange(fe::query("set search_path to archive"), 1, ended("SET", 'I'));
    client(fe::query(kLiteral), 2);
    EXPECT_EQ(sent_sql(), kLiteral);
    server(be::complete("SELECT 0") + be::ready());
    exchange(fe::query("reset search_path"), 3, ended("RESET", 'I'));
    client(fe::query(kLiteral), 4);
    EXPECT_NE(sent_sql(), kLiteral);
    SessionIdentity identity;
    identity.startup = {{"options", "-c search_path=archive"}};
    remapper_.set_identity(identity);
    client(fe::query(kLiteral), 5);
    EXPECT_EQ(sent_sql(), kLiteral);
    context_.role_paths = {{"ann", "archive"}};
    identity = {};
    identity.user = "ann";
    remapper_.set_identity(identity);
    client(fe::query(kLiteral), 6);
    EXPECT_EQ(sent_sql(), kLiteral);
}

TEST_F(Session, ReadsOfOneRowTellOfAnIdThatNoInsertReturned) {
    const Bytes found = "select id, total from orders where total = 3";
    recorded(0, 0, {"5"}, "3");
    exchange(fe::query(found), 0, description() + be::row({"1005", "3"}) + be::complete("SELECT 1") + be::ready());
    EXPECT_EQ(counts().learned, 1U);
    recorded(1, 0, {"6", "7"}, "3");
    const Bytes two = description() + be::row({"1007", "3"}) + be::row({"1006", "3"});
    exchange(fe::query(found), 1, two + be::complete("SELECT 2") + be::ready());
    EXPECT_EQ(counts().learned, 1U);
    EXPECT_EQ(context_.report().unordered_results, 1U);
    recorded(2, 0, {"6", "7"}, "3");
    exchange(fe::query(found + " order by id desc"), 2, two + be::complete("SELECT 2") + be::ready());
    EXPECT_EQ(counts().learned, 3U);
    recorded(3, 0, {"8"}, "3");
    exchange(fe::query(found + " limit 1"), 3,
             description() + be::row({"1008", "3"}) + be::complete("SELECT 1") + be::ready());
    EXPECT_EQ(counts().learned, 3U) << "which row came was open";
}

TEST_F(Session, BytesThatAreNoMessagesPass) {
    for (const Bytes& frames :
         {Bytes(), Bytes("Q"), Bytes("Q\0\0\0\5x", 6), Bytes("P\0\0\0\5x", 6), Bytes("B\0\0\0\5x", 6),
          fe::copy_data("x"), fe::copy_fail(), fe::execute("nowhere"), fe::bind("", "nowhere")}) {
        EXPECT_EQ(remapper_.rewrite(frames, Ordinal(0), StepIndex(0)), frames);
    }
}

}  // namespace
}  // namespace understudy::replay
