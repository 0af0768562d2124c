#include <gmock/gmock.h>

#include "tests/integration/schema/check/check_fixture.hpp"

// Each kind of schema change of an application's tables, against the statements of one application.
namespace understudy::schema {
namespace {

using Kind = DifferenceKind;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class CheckChanges : public CheckTest {
protected:
    struct Found {
        Kind kind;
        Bytes sqlstate;
        Bytes place;
        bool operator==(const Found&) const = default;
        friend void PrintTo(const Found& found, std::ostream* out) {
            *out << to_string(found.kind) << " " << found.sqlstate << " " << found.place;
        }
    };

    /// What the change does to the application.
    std::vector<Found> after(const std::string& migration) {
        migrate(migration);
        CaptureScript script(directory_.file("app.pgcap"));
        script.open("app");
        script.query("select id, name from customer where code = 1");
        script.query("select id, name from customer where code = '1'");
        script.query("begin; select * from orders where id = 7; commit");
        script.extended("insert into customer (name, feeling) values ($1, $2)");
        script.extended("update orders set note = $1 where id = $2 returning total", {25, 20});
        script.query(
            "select o.id, net(o.total) from orders o join customer c on c.id = o.customer where c.feeling = "
            "'happy'");
        script.query("copy customer (name, code) from stdin");
        report_ = check(script);
        EXPECT_EQ(report_.checked, 7U);
        EXPECT_EQ(report_.coverage(), 1.0);
        std::vector<Found> found;
        for (const Finding& finding : report_.findings)
            found.push_back({finding.kind, finding.sqlstate, finding.place});
        return found;
    }

    CheckReport report_;
};

TEST_F(CheckChanges, NoneIsSilent) {
    EXPECT_THAT(after("select 1"), IsEmpty());
    EXPECT_EQ(report_.verdict, Verdict::passed);
    EXPECT_EQ(report_.nothing_to_check, (Reasons{{"transaction", 2}}));
}

TEST_F(CheckChanges, DroppedColumn) {
    EXPECT_THAT(after("alter table orders drop column note"),
                ElementsAre(Found{Kind::error_appeared, "42703", ""}, Found{Kind::column_removed, "", "note"}));
    EXPECT_EQ(report_.verdict, Verdict::findings);
    EXPECT_EQ(report_.findings[0].message, "column \"note\" of relation \"orders\" does not exist");
    EXPECT_EQ(report_.findings[0].position, 19U);
}

TEST_F(CheckChanges, RenamedTable) {
    const Found gone{Kind::error_appeared, "42P01", ""};
    EXPECT_THAT(after("alter table orders rename to purchase"), ElementsAre(gone, gone, gone));
}

TEST_F(CheckChanges, RenamedColumn) {
    EXPECT_THAT(after("alter table orders rename total to amount"),
                UnorderedElementsAre(Found{Kind::column_renamed, "", "total"}, Found{Kind::error_appeared, "42703", ""},
                                     Found{Kind::error_appeared, "42703", ""}));
}

TEST_F(CheckChanges, IntegerToTextBreaksTheIntegerLiteralOnly) {
    EXPECT_THAT(after("alter table customer alter code type text"),
                ElementsAre(Found{Kind::error_appeared, "42883", ""}));
    EXPECT_EQ(report_.findings[0].example,
              "PREPARE understudy_check AS\nselect id, name from customer where code = 1;");
    EXPECT_EQ(report_.findings[0].variants, 1U);
}

TEST_F(CheckChanges, ColumnAddedToSelectStar) {
    EXPECT_THAT(after("alter table orders add column placed timestamptz; alter table customer add extra int"),
                ElementsAre(Found{Kind::column_added, "", "placed"}));
}

TEST_F(CheckChanges, DroppedFunction) {
    EXPECT_THAT(after("drop function net"), ElementsAre(Found{Kind::error_appeared, "42883", ""}));
}

TEST_F(CheckChanges, RemovedEnumValue) {
    EXPECT_THAT(after("alter type mood rename value 'happy' to 'glad'"),
                ElementsAre(Found{Kind::error_appeared, "22P02", ""}));
    EXPECT_EQ(report_.findings[0].cause, "data");
}

TEST_F(CheckChanges, ReplacedParameterType) {
    EXPECT_THAT(after("create type temper as enum ('sad', 'happy');"
                      "alter table customer alter feeling type temper using feeling::text::temper"),
                ElementsAre(Found{Kind::parameter_types, "", "$2"}));
    EXPECT_EQ(report_.findings[0].message, "parameter $2 is public.temper instead of public.mood");
}

TEST_F(CheckChanges, RecreatedTypeOfTheSameNameIsSilent) {
    EXPECT_THAT(after("alter type mood rename to old; create type mood as enum ('sad', 'happy');"
                      "alter table customer alter feeling type mood using feeling::text::mood; drop type old"),
                IsEmpty());
}

TEST_F(CheckChanges, WideningIsInformation) {
    EXPECT_THAT(after("alter table customer alter name type varchar(40)"), IsEmpty());
    EXPECT_EQ(report_.verdict, Verdict::passed);
    ASSERT_EQ(report_.information.size(), 1U) << "the select; COPY FROM has no result";
    EXPECT_EQ(report_.information[0].message,
              "column \"name\" of the result is character varying(40) instead of character varying(20)");
}

TEST_F(CheckChanges, HarmlessOnesAreSilent) {
    EXPECT_THAT(after("create index on customer (code); comment on table orders is 'hello';"
                      "alter type mood add value 'ok'; alter table customer add column extra text default 'x';"
                      "create table other (id int); create function net(a int, b int) returns int language sql as "
                      "'select 1'"),
                IsEmpty());
    EXPECT_TRUE(report_.information.empty());
}

}  // namespace
}  // namespace understudy::schema
