#include <gtest/gtest.h>

#include "compare/diff/row_pairs.hpp"
#include "compare/diff/rowset_diff.hpp"
#include "compare/diff/step_diff.hpp"
#include "tests/support/answers.hpp"

namespace understudy::compare {
namespace {

using namespace testing;
namespace oid = pgwire::type_oid;

constexpr std::uint32_t kUserType = 16'500;

class StepDiff : public ::testing::Test {
protected:
    /// "kind place" of each difference.
    std::vector<std::string> differences(const StepResult& a, const StepResult& b, bool ordered = false) {
        StepDiffTools tools;
        tools.shapes = &shapes_;
        tools.order = [ordered] { return StatementOrder{ordered, {}}; };
        std::vector<std::string> found;
        last_ = diff_step(a, b, tools);
        for (const Divergence& d : last_) found.push_back(std::string(to_string(d.kind)) + " " + d.place);
        return found;
    }
    using Found = std::vector<std::string>;

    TypeNames baseline_;
    TypeNames candidate_;
    ShapeComparer shapes_{baseline_, candidate_};
    std::vector<Divergence> last_;
    std::vector<Column> two_{{"id"}, {"name", oid::text}};
};

TEST_F(StepDiff, EqualAnswersDoNotDiffer) {
    const auto a = rows(two_, {{"1", "a"}, {"2", "b"}});
    EXPECT_TRUE(surely_same(a, a));
    EXPECT_EQ(differences(a, a), Found{});
}

TEST_F(StepDiff, NullIsNotTheEmptyString) {
    EXPECT_EQ(differences(rows(two_, {{"1", ""}}), rows(two_, {{"1", std::nullopt}})), Found{"value column name"});
}

TEST_F(StepDiff, RowsInAnotherOrderDifferOnlyWhereTheStatementOrdersThem) {
    const auto a = rows(two_, {{"1", "a"}, {"2", "b"}});
    const auto b = rows(two_, {{"2", "b"}, {"1", "a"}});
    EXPECT_FALSE(surely_same(a, b));
    EXPECT_EQ(differences(a, b, false), Found{});
    EXPECT_EQ(differences(a, b, true), Found{"order order"});
}

TEST_F(StepDiff, NamesTheColumnWhoseValuesDiffer) {
    EXPECT_EQ(differences(rows(two_, {{"1", "a"}, {"2", "b"}}), rows(two_, {{"1", "a"}, {"2", "c"}})),
              Found{"value column name"});
    EXPECT_EQ(differences(rows(two_, {{"1", "a"}, {"2", "b"}}), rows(two_, {{"1", "b"}, {"2", "a"}})),
              Found{"value rows"});
}

TEST_F(StepDiff, FewerRowsAreSaidOnceAndWithoutValues) {
    EXPECT_EQ(differences(rows(two_, {{"1", "a"}, {"2", "b"}}), rows(two_, {{"1", "a"}})), Found{"row_count rows"});
    auto suspended = rows(two_, {{"1", "a"}});
    suspended.outcome = StepOutcome::suspended;
    suspended.command_tag.clear();
    EXPECT_EQ(differences(rows(two_, {{"1", "a"}}), suspended), Found{"row_count rows"});
}

TEST_F(StepDiff, AnAddedColumnDoesNotMakeTheOthersDiffer) {
    const std::vector<Column> three{{"id"}, {"extra"}, {"name", oid::text}};
    EXPECT_EQ(differences(rows(two_, {{"1", "a"}}), rows(three, {{"1", "9", "a"}})),
              Found{"column_added column extra"});
    EXPECT_EQ(differences(rows(three, {{"1", "9", "a"}}), rows(two_, {{"1", "a"}})),
              Found{"column_removed column extra"});
    EXPECT_EQ(differences(rows(two_, {{"1", "a"}}), rows(three, {{"1", "9", "b"}})),
              (Found{"column_added column extra", "value column name"}));
}

TEST_F(StepDiff, ColumnsInAnotherOrderAreComparedByName) {
    const std::vector<Column> turned{{"name", oid::text}, {"id"}};
    EXPECT_EQ(differences(rows(two_, {{"1", "a"}}), rows(turned, {{"a", "1"}})), Found{"column_order columns"});
}

TEST_F(StepDiff, ARenamedColumnKeepsItsValues) {
    const std::vector<Column> renamed{{"id"}, {"title", oid::text}};
    EXPECT_EQ(differences(rows(two_, {{"1", "a"}}), rows(renamed, {{"1", "a"}})), Found{"column_renamed column name"});
    const std::vector<Column> other_type{{"id"}, {"title", oid::int8}};
    EXPECT_EQ(differences(rows(two_, {{"1", "5"}}), rows(other_type, {{"1", "5"}})),
              (Found{"column_removed column name", "column_added column title"}));
}

TEST_F(StepDiff, ARetypedColumnWithEqualValuesIsOnlyRetyped) {
    EXPECT_EQ(differences(rows({{"id"}}, {{"1"}}), rows({{"id", oid::int8}}, {{"1"}})),
              Found{"column_retyped column id"});
    EXPECT_EQ(last_.front().baseline, "integer");
    EXPECT_EQ(last_.front().candidate, "bigint");
    EXPECT_EQ(differences(rows({{"id"}}, {{"1"}}), rows({{"id", oid::text}}, {{"1"}})),
              Found{"column_retyped column id"});
    EXPECT_EQ(differences(rows({{"id"}}, {{"1"}}), rows({{"id", oid::int8}}, {{"2"}})),
              (Found{"column_retyped column id", "value column id"}));
}

TEST_F(StepDiff, TypeModifiersCount) {
    EXPECT_EQ(differences(rows({{"name", oid::varchar, 204}}, {{"a"}}), rows({{"name", oid::varchar, 24}}, {{"a"}})),
              Found{"column_retyped column name"});
    EXPECT_EQ(last_.front().candidate, "character varying(20)");
    const auto ten = rows({{"n", oid::numeric, ((10 << 16) | 2) + 4}}, {});
    const auto twelve = rows({{"n", oid::numeric, ((12 << 16) | 2) + 4}}, {});
    EXPECT_EQ(differences(twelve, ten), Found{"column_retyped column n"});
    EXPECT_EQ(last_.front().candidate, "numeric(10,2)");
    EXPECT_EQ(differences(rows({{"t", oid::timestamp, 6}}, {}), rows({{"t", oid::timestamp, 3}}, {})),
              Found{"column_retyped column t"});
    EXPECT_EQ(last_.front().candidate, "timestamp(3) without time zone");
}

TEST_F(StepDiff, MoreRoomInTheSameTypeIsNoDifference) {
    const auto ten = rows({{"n", oid::numeric, ((10 << 16) | 2) + 4}}, {});
    EXPECT_EQ(differences(ten, rows({{"n", oid::numeric, ((12 << 16) | 2) + 4}}, {})), Found{});
    EXPECT_EQ(differences(ten, rows({{"n", oid::numeric, ((12 << 16) | 3) + 4}}, {})),
              Found{"column_retyped column n"});
    const auto twenty = rows({{"v", oid::varchar, 24}}, {});
    EXPECT_EQ(differences(twenty, rows({{"v", oid::varchar, 204}}, {})), Found{});
    EXPECT_EQ(differences(twenty, rows({{"v", oid::varchar, -1}}, {})), Found{});
    EXPECT_EQ(differences(rows({{"v", oid::varchar, -1}}, {}), twenty), Found{"column_retyped column v"});
}

TEST_F(StepDiff, UserTypesAreComparedByName) {
    const auto a = rows({{"m", kUserType}}, {{"happy"}});
    const auto b = rows({{"m", kUserType + 7}}, {{"happy"}});
    EXPECT_EQ(differences(a, b), Found{}) << "without a catalogue they are taken as equal";
    EXPECT_EQ(shapes_.unnamed_types(), 1U);

    TypeNames named_a;
    named_a.add(kUserType, "mood");
    TypeNames same;
    same.add(kUserType + 7, "mood");
    TypeNames other;
    other.add(kUserType + 7, "temper");
    ShapeComparer equal(named_a, same);
    EXPECT_TRUE(equal.align(a.row_description, b.row_description).differences.empty());
    ShapeComparer different(named_a, other);
    EXPECT_EQ(different.align(a.row_description, b.row_description).differences.size(), 1U);
    const auto text = rows({{"m", oid::text}}, {{"happy"}});
    EXPECT_EQ(equal.align(a.row_description, text.row_description).differences.size(), 1U);
}

TEST_F(StepDiff, ColumnsOfOneNameArePairedInTurn) {
    const std::vector<Column> twice{{"id"}, {"id"}};
    EXPECT_EQ(differences(rows(twice, {{"1", "2"}}), rows(twice, {{"1", "3"}})), Found{"value column id"});
}

TEST_F(StepDiff, ErrorsAreToldApartBySqlstateAndObjects) {
    const auto missing = failed("42703", "column \"discount\" does not exist");
    const auto worded = failed("42703", "la colonne « discount » n'existe pas");
    const auto ok = done("UPDATE 1");
    EXPECT_EQ(differences(ok, missing), Found{"error_appeared error"});
    EXPECT_EQ(last_.front().sqlstate, "42703");
    EXPECT_EQ(differences(missing, ok), Found{"error_disappeared error"});
    EXPECT_EQ(differences(missing, failed("42P01", "relation \"x\" does not exist")),
              Found{"error_changed error after 42703"});
    EXPECT_EQ(differences(missing, worded), Found{});
    auto a = failed("23505", "duplicate key");
    auto b = a;
    a.error->fields.emplace_back('n', "orders_pkey");
    b.error->fields.emplace_back('n', "orders_code_key");
    EXPECT_EQ(differences(a, b), Found{"error_changed error after 23505"});
}

TEST_F(StepDiff, TagsGiveAffectedRowsAndWords) {
    EXPECT_EQ(differences(done("UPDATE 3"), done("UPDATE 2")), Found{"affected_rows tag"});
    EXPECT_EQ(differences(done("INSERT 0 1"), done("INSERT 17 1")), Found{}) << "the OID means nothing";
    EXPECT_EQ(differences(done("INSERT 0 1"), done("UPDATE 1")), Found{"command_tag tag"});
    EXPECT_EQ(differences(done("BEGIN"), done("START TRANSACTION")), Found{"command_tag tag"});
    auto a = rows({{"id"}}, {{"1"}, {"2"}});
    auto b = rows({{"id"}}, {{"1"}});
    a.command_tag = "DELETE 2";
    b.command_tag = "DELETE 1";
    EXPECT_EQ(differences(a, b), Found{"affected_rows tag"});
}

TEST_F(StepDiff, ParameterTypesByName) {
    EXPECT_EQ(differences(described({oid::int4, oid::text}, {}), described({oid::int8, oid::text}, {})),
              Found{"parameter_types $1"});
    EXPECT_EQ(differences(described({oid::int4}, {}), described({oid::int4, oid::int4}, {})),
              Found{"parameter_types parameters"});
    EXPECT_EQ(differences(described({}, {{"id"}}), described({}, {})), Found{"column_removed column id"});
}

TEST_F(StepDiff, NoticesByStateAndText) {
    const auto plain = done("DO");
    const auto noticed = with_notice(done("DO"), "00000", "total 5");
    EXPECT_EQ(differences(plain, noticed), Found{"notice notice"});
    EXPECT_EQ(differences(noticed, noticed), Found{});
    EXPECT_EQ(differences(noticed, with_notice(done("DO"), "00000", "total 6")), Found{"notice notice"});
    StepDiffTools tools;
    tools.shapes = &shapes_;
    tools.order = [] { return StatementOrder(); };
    tools.scope.notice_texts = false;
    EXPECT_TRUE(diff_step(noticed, with_notice(done("DO"), "00000", "total 6"), tools).empty());
}

TEST_F(StepDiff, CopiedDataInAnyOrder) {
    auto a = done("COPY 2");
    a.copy = {CopyDirection::out, 2, 10, 111, 222};
    auto b = a;
    b.copy.digest = 112;
    EXPECT_EQ(differences(a, b), Found{});
    EXPECT_EQ(differences(a, b, true), Found{"copy_data order of the copied lines"});
    b.copy.multiset_digest = 223;
    EXPECT_EQ(differences(a, b), Found{"copy_data copied data"});
    a.copy.direction = b.copy.direction = CopyDirection::in;
    EXPECT_EQ(differences(a, b), Found{}) << "what the client sends is no answer";
}

TEST_F(StepDiff, AnExecuteThatWasNeverDescribedIsComparedByPosition) {
    auto a = as(StepKind::execute, rows(two_, {{"1", "a"}}));
    auto b = as(StepKind::execute, rows(two_, {{"1", "b"}}));
    a.row_description.clear();
    EXPECT_EQ(differences(a, b), Found{"value column 2"});
}

TEST_F(StepDiff, GeneratedValuesAreComparedAsTheRecordedOnes) {
    const auto recorded = rows(two_, {{"1", "a"}, {"2", "b"}});
    auto replayed = rows(two_, {{"11", "a"}, {"12", "b"}});
    EXPECT_EQ(differences(recorded, replayed), Found{"value column id"});
    replayed.normalised = recorded.digest;
    EXPECT_TRUE(surely_same(recorded, replayed));
    EXPECT_EQ(differences(recorded, replayed), Found{});
    replayed.normalised = rows(two_, {{"1", "a"}, {"2", "c"}}).digest;
    EXPECT_FALSE(surely_same(recorded, replayed));
    EXPECT_EQ(differences(recorded, replayed), Found{"value column name"});
    auto reordered = rows(two_, {{"12", "b"}, {"11", "a"}});
    reordered.normalised = rows(two_, {{"2", "b"}, {"1", "a"}}).digest;
    EXPECT_EQ(differences(recorded, reordered, true), Found{"order order"});
}

TEST_F(StepDiff, OtherValuesAreCountedByRow) {
    differences(rows(two_, {{"1", "a"}, {"2", "b"}, {"3", "c"}}), rows(two_, {{"1", "a"}, {"2", "x"}, {"3", "y"}}));
    ASSERT_EQ(last_.size(), 1U);
    EXPECT_EQ(last_[0].candidate, "other values in 2 of 3 rows");
}

TEST_F(StepDiff, TiesInAnotherOrderAreNoDifference) {
    const auto compare = [&](const StepResult& a, const StepResult& b, std::vector<sql::OrderColumn> columns) {
        StepDiffTools tools;
        tools.shapes = &shapes_;
        tools.order = [&] { return StatementOrder{true, columns}; };
        const auto found = diff_step(a, b, tools);
        return found.empty() ? Bytes("same") : found[0].candidate;
    };
    const auto a = rows(two_, {{"1", "x"}, {"2", "x"}, {"3", "y"}});
    const auto tied = rows(two_, {{"2", "x"}, {"1", "x"}, {"3", "y"}});
    const auto turned = rows(two_, {{"1", "x"}, {"3", "y"}, {"2", "x"}});
    EXPECT_EQ(compare(a, tied, {{0, "name"}}), "same");
    EXPECT_EQ(compare(a, tied, {{2, ""}}), "same");
    EXPECT_EQ(compare(a, turned, {{0, "name"}}), "the same rows in another order");
    EXPECT_EQ(compare(a, tied, {{0, "name"}, {1, ""}}), "the same rows in another order");
    EXPECT_EQ(compare(a, tied, {{0, "elsewhere"}}), "the same rows in another order, or other ties");
    EXPECT_EQ(compare(a, tied, {{0, ""}}), "the same rows in another order, or other ties") << "by an expression";
    std::vector<Row> many, swapped;
    for (int i = 0; i < 100; ++i) many.push_back({std::to_string(i), "x"});
    swapped = many;
    std::swap(swapped[3], swapped[77]);
    EXPECT_EQ(compare(rows(two_, many, true), rows(two_, swapped, true), {{0, "name"}}), "same");
    EXPECT_EQ(compare(rows(two_, many, true), rows(two_, swapped, true), {{0, "id"}}), "the same rows in another order");
    EXPECT_EQ(compare(rows(two_, many), rows(two_, swapped), {{0, "name"}}),
              "the same rows in another order, or other ties")
        << "neither rows nor cells were kept";
}

/// "(2, b) → (2, c)" of each.
std::vector<std::string> changes(const RowDiff& diff) {
    const auto text = [](const std::optional<RowCells>& row) {
        if (!row) return std::string("none");
        std::string line = "(";
        for (const auto& cell : *row) line += (line.size() > 1 ? ", " : "") + cell.value_or("NULL");
        return line + ")";
    };
    std::vector<std::string> lines;
    for (const RowChange& change : diff.rows) lines.push_back(text(change.baseline) + " → " + text(change.candidate));
    return lines;
}

TEST_F(StepDiff, ShowsTheRowsThatOnlyOneSideHas) {
    const auto a = rows(two_, {{"1", "a"}, {"2", "b"}, {"3", std::nullopt}}, true);
    const auto b = rows(two_, {{"3", std::nullopt}, {"1", "a"}, {"2", "c"}}, true);
    EXPECT_EQ(changes(differing_rows(a, b, shapes_)), Found{"(2, b) → (2, c)"});
    EXPECT_TRUE(differing_rows(a, rows(two_, {{"1", "a"}}), shapes_).rows.empty()) << "one side kept no rows";
    std::vector<Row> many;
    for (int i = 0; i < 90; ++i) many.push_back({std::to_string(i + 10), "z"});
    const RowDiff diff = differing_rows(a, rows(two_, many, true), shapes_);
    EXPECT_EQ(diff.rows.size(), RowDiff::kMaxRows);
    EXPECT_EQ(diff.more, 70U);
}

TEST_F(StepDiff, RowsArePairedWithThoseMostLikeThem) {
    const auto a = rows(two_, {{"1", "a"}, {"2", "b"}, {"4", "d"}}, true);
    const auto b = rows(two_, {{"2", "B"}, {"1", "A"}, {"9", "z"}}, true);
    EXPECT_EQ(changes(differing_rows(a, b, shapes_)),
              (Found{"(1, a) → (1, A)", "(2, b) → (2, B)", "(4, d) → none", "none → (9, z)"}));
    const std::vector<Column> one{{"n"}};
    EXPECT_EQ(changes(differing_rows(rows(one, {{"1"}}, true), rows(one, {{"2"}}, true), shapes_)), Found{"(1) → (2)"});
    const std::vector<Column> wider{{"extra"}, {"id"}, {"name", oid::text}};
    EXPECT_EQ(changes(differing_rows(a, rows(wider, {{"7", "1", "a"}, {"7", "2", "b"}, {"7", "4", "e"}}, true), shapes_)),
              Found{"(4, d) → (4, e)"})
        << "by the columns that both have";
}

TEST_F(StepDiff, RowsArePairedByTheKeyOfTheirTable) {
    constexpr std::uint32_t kOrders = 16'400;
    catalog::Catalog catalog;
    for (const auto& [number, name] : {std::pair<std::int16_t, const char*>{1, "note"}, {2, "id"}}) {
        catalog::Attribute& attribute = catalog.attributes.emplace_back();
        attribute.relation = kOrders;
        attribute.number = number;
        attribute.name = name;
    }
    catalog.keys = {{kOrders, "orders_pkey", true, {2}}};
    PrimaryKeys keys;
    keys.add_catalog(catalog);
    const std::vector<Column> columns{{"note", oid::text, -1, kOrders, 1}, {"total"}, {"id", oid::int4, -1, kOrders, 2}};
    const auto a = rows(columns, {{"x", "10", "1"}, {"y", "20", "2"}}, true);
    // By likeness the first row would belong to the second.
    const auto b = rows(columns, {{"q", "7", "1"}, {"x", "10", "2"}}, true);
    const RowDiff diff = differing_rows(a, b, shapes_, keys);
    EXPECT_TRUE(diff.by_key);
    EXPECT_EQ(changes(diff), (Found{"(x, 10, 1) → (q, 7, 1)", "(y, 20, 2) → (x, 10, 2)"}));
    // A join that repeats the table's rows has no key of its own.
    const auto repeated = rows(columns, {{"x", "10", "1"}, {"x", "11", "1"}}, true);
    EXPECT_FALSE(differing_rows(repeated, b, shapes_, keys).by_key);
    EXPECT_TRUE(keys.columns_of({}).empty());
}

TEST(CommandTag, IsTakenApart) {
    EXPECT_EQ(parse_command_tag("INSERT 0 5").words, "INSERT");
    EXPECT_EQ(parse_command_tag("INSERT 0 5").count, 5U);
    EXPECT_EQ(parse_command_tag("CREATE TABLE").words, "CREATE TABLE");
    EXPECT_FALSE(parse_command_tag("CREATE TABLE").counted);
    EXPECT_FALSE(parse_command_tag("SELECT ").counted);
    EXPECT_FALSE(parse_command_tag("").counted);
}

}  // namespace
}  // namespace understudy::compare
