#include "replay/remap/statement_plan.hpp"

#include "tests/unit/replay/remap/remap_fixture.hpp"

namespace understudy::replay {
namespace {

using sql::ValueTie;
using testing::order_domains;

const std::vector<Bytes> kPublic{"public"};

sql::ValueRef parameter(std::uint32_t number, bool array = false) { return {number, 0, 0, array}; }

ValueTie tie(sql::ValueRef value, const Bytes& table, const Bytes& column, std::size_t position = 0) {
    return {value, "", table, column, position, ValueTie::Use::equal};
}

class Plan : public ::testing::Test {
protected:
    StatementPlan plan(const sql::StatementAccess& access, BytesView sql = "") {
        return plan_text(sql, {access}, domains_, kPublic, counts_).statements.at(0);
    }
    IdentityDomains domains_ = order_domains();
    DomainId customer_ = domains_.of_column(100, 1);
    DomainId orders_ = domains_.of_column(200, 1);
    RemapCounts counts_{domains_.size()};
};

TEST_F(Plan, ParametersAndLiteralsHaveTheDomainsOfTheirColumns) {
    sql::StatementAccess access;
    access.ties = {tie(parameter(2), "orders", "id"),    tie(parameter(4, true), "orders", "customer"),
                   tie(parameter(1), "orders", "total"), tie({0, 30, 2}, "orders", "id"),
                   tie({0, 10, 2}, "customer", "id"),    tie({0, 20, 2}, "tally", "n"),
                   tie({0, 40, 2}, "orders", "", 2)};
    const StatementPlan planned = plan(access);
    EXPECT_EQ(planned.parameters,
              (std::vector<MappedParameter>{{0, false}, {orders_, false}, {0, false}, {customer_, true}}));
    EXPECT_EQ(planned.literals,
              (std::vector<MappedValue>{{{0, 10, 2}, customer_}, {{0, 30, 2}, orders_}, {{0, 40, 2}, customer_}}));
}

TEST_F(Plan, AValueOfTwoDomainsIsLeftAndCounted) {
    sql::StatementAccess access;
    access.ties = {tie(parameter(1), "orders", "id"),   tie(parameter(1), "customer", "id"),
                   tie(parameter(2), "orders", "id"),   tie(parameter(2), "tally", "n"),
                   tie(parameter(3), "customer", "id"), tie(parameter(3), "orders", "customer")};
    EXPECT_EQ(plan(access).parameters, (std::vector<MappedParameter>{{}, {orders_, false}, {customer_, false}}));
    EXPECT_EQ(counts_.ambiguous_values, 1U);
}

TEST_F(Plan, AUuidInAPathOfADocumentIsOfNoDomain) {
    sql::StatementAccess access;
    access.ties = {tie(parameter(1), "document", "body")};
    EXPECT_TRUE(plan(access).parameters.empty());
    const IdentityDomains declared = order_domains({{}, {}, {parse_identity("document.body=document.id").value()}});
    RemapCounts counts(declared.size());
    EXPECT_EQ(plan_text("", {access}, declared, kPublic, counts).statements[0].parameters.size(), 1U);
}

TEST_F(Plan, SequenceFunctionsSayWhichColumnTheyAre) {
    const Bytes sql = "select 1, nextval('orders_id_seq'), currval('loose'), lastval(), nextval('nowhere')";
    sql::StatementAccess access;
    const auto call = [&](const char* name, const char* argument, std::size_t output) {
        sql::FunctionUse use{"", name, {}, output};
        if (argument != nullptr) use.arguments = {sql::ValueRef{0, sql.find(argument), Bytes(argument).size()}};
        return use;
    };
    access.functions = {call("nextval", "'orders_id_seq'", 2), call("currval", "'loose'", 3),
                        call("lastval", nullptr, 4),           call("nextval", "'nowhere'", 5),
                        call("nextval", "'loose'", 0),         call("lower", "'loose'", 6)};
    using Outputs = std::vector<std::pair<std::size_t, DomainId>>;
    EXPECT_EQ(plan(access, sql).sequence_outputs, (Outputs{{1, orders_}, {2, domains_.of_sequence("loose")}, {3, 0}}));
}

TEST_F(Plan, CopyFieldsAreThoseOfItsColumns) {
    sql::StatementAccess access;
    access.kind = sql::StatementKind::copy_in;
    const StatementPlan listed = plan(access, "copy orders (total, id) from stdin with csv");
    ASSERT_TRUE(listed.copy);
    EXPECT_EQ(listed.copy->format, sql::CopyUse::Format::csv);
    EXPECT_EQ(listed.copy_fields, (std::vector<DomainId>{0, orders_}));
    EXPECT_EQ(plan(access, "copy orders from stdin").copy_fields, (std::vector<DomainId>{orders_, customer_, 0}));
    EXPECT_FALSE(plan(access, "copy orders (total) from stdin").copy);
    EXPECT_FALSE(plan(access, "copy tally from stdin").copy);
    EXPECT_FALSE(plan(access, "copy orders to stdout").copy);
}

TEST_F(Plan, InsertsAndChoices) {
    sql::StatementAccess access;
    access.relations = {testing::access_to("orders", sql::AccessKind::insert)};
    EXPECT_EQ(plan(access).inserts, orders_);
    access.relations = {testing::access_to("orders", sql::AccessKind::lock)};
    access.relations[0].skip_locked = true;
    EXPECT_TRUE(plan(access).skip_locked);
    EXPECT_EQ(plan(access).inserts, 0U);
}

TEST(SavepointAct, NamesWhatItIsAbout) {
    using Kind = SavepointAct::Kind;
    const auto is = [](const char* sql, Kind kind, const Bytes& name) {
        EXPECT_EQ(savepoint_act(sql), (SavepointAct{kind, name})) << sql;
    };
    is("savepoint A", Kind::savepoint, "a");
    is("/* x */ SAVEPOINT \"A b\";", Kind::savepoint, "A b");
    is("release savepoint b", Kind::release, "b");
    is("RELEASE b", Kind::release, "b");
    is("rollback work to savepoint c", Kind::rollback_to, "c");
    is("ROLLBACK TO c", Kind::rollback_to, "c");
    is("rollback", Kind::none, "");
    is("rollback work", Kind::none, "");
    is("select 1", Kind::none, "");
    is("savepoint", Kind::none, "");
    is("", Kind::none, "");
}

class Cache : public Plan {
protected:
    TextPlanPtr cached(BytesView sql, const std::vector<Bytes>& path = kPublic) { return cache_.plan(sql, path); }
    int reads_ = 0;
    PlanCache cache_{
        domains_,
        [this](BytesView sql, const std::vector<Bytes>&) -> std::optional<std::vector<sql::StatementAccess>> {
            ++reads_;
            if (sql.starts_with("broken")) return std::nullopt;
            sql::StatementAccess access;
            access.end = sql.size();
            access.ties = {tie(parameter(1), "orders", "id")};
            return std::vector{access};
        },
        counts_};
};

TEST_F(Cache, ReadsATextOnceForEachSearchPath) {
    EXPECT_EQ(cached("select from Orders where id = $1")->statements[0].parameters.size(), 1U);
    EXPECT_EQ(cached("select from Orders where id = $1")->statements[0].parameters.size(), 1U);
    EXPECT_EQ(reads_, 1);
    EXPECT_TRUE(cached("select from Orders where id = $1", {"archive"})->statements[0].parameters.empty());
    EXPECT_EQ(reads_, 2);
}

TEST_F(Cache, DoesNotParseWhatNamesNoSuchTable) {
    EXPECT_EQ(cached("select n from tally where n = 5 /* orders */"), nullptr);
    EXPECT_EQ(cached("select 'orders'"), nullptr);
    EXPECT_EQ(reads_, 0);
    EXPECT_NE(cached("select \"customer\".id"), nullptr);
    EXPECT_NE(cached("select nextval('x')"), nullptr);
    EXPECT_NE(cached("execute p(1)"), nullptr);
    EXPECT_EQ(reads_, 3);
    EXPECT_EQ(counts_.unparsed_statements, 0U);
    EXPECT_EQ(cached("broken orders"), nullptr);
    EXPECT_EQ(counts_.unparsed_statements, 1U);
}

TEST_F(Cache, KnowsTransactionsWithoutParsing) {
    const TextPlanPtr plan = cached("select 1; savepoint x; set search_path to y");
    ASSERT_NE(plan, nullptr);
    ASSERT_EQ(plan->statements.size(), 3U);
    EXPECT_EQ(plan->statements[1].act.name, "x");
    EXPECT_TRUE(plan->may_change_path);
    EXPECT_EQ(reads_, 0);
}

TEST_F(Cache, ForgetsWhatWasNotUsedForLongest) {
    const Bytes filler(PlanCache::kMaxText - 100, ' ');
    EXPECT_NE(cached("select from orders"), nullptr);
    const std::size_t many = PlanCache::kMaxBytes / PlanCache::kMaxText;
    for (std::size_t i = 0; i < many; ++i) (void)cached("select from orders " + std::to_string(i) + filler);
    const int before = reads_;
    EXPECT_NE(cached("select from orders"), nullptr);
    EXPECT_EQ(reads_, before + 1);
    EXPECT_NE(cached("select from orders" + Bytes(PlanCache::kMaxText, ' ')), nullptr) << "too long to be kept";
}

}  // namespace
}  // namespace understudy::replay
