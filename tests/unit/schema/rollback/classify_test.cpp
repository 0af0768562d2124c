#include "schema/rollback/classify.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "schema/rollback/rollback_report.hpp"

namespace understudy::schema {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

StepOutcome worked() {
    StepOutcome outcome;
    outcome.ran = outcome.schema_equal = outcome.data_equal = true;
    return outcome;
}
StepOutcome failed(const char* why) {
    StepOutcome outcome;
    outcome.failure = why;
    return outcome;
}

class Classify : public ::testing::Test {
protected:
    Classify() {
        migration.version = "7";
        migration.up = *make_script("7.up.sql", "create table a ();\ncreate table b ();\ncreate table c ()");
        migration.down = *make_script("7.down.sql", "drop table c");
        trials.round_trip.up = worked();
        trials.round_trip.down = worked();
        trials.round_trip.up_again = worked();
    }
    RollbackClass overall() { return classify(migration, trials).overall; }

    PartialOutcome& partial(StepOutcome up_again, StepOutcome down) {
        PartialOutcome& made = trials.partial.emplace_back();
        made.statement = 0;
        made.line = 1;
        made.left = Left::partial;
        made.remains = {"+ CREATE TABLE a"};
        made.up_again = std::move(up_again);
        made.down = std::move(down);
        return made;
    }

    Migration migration;
    MigrationTrials trials;
};

TEST_F(Classify, AllWorks) {
    EXPECT_EQ(overall(), RollbackClass::reversible);
    EXPECT_THAT(classify(migration, trials).reasons, IsEmpty());
}

TEST_F(Classify, DataThatDoesNotComeBackIsLossy) {
    trials.round_trip.changes = {{DataChangeKind::values_changed, "t", "a", 4, true, {}}};
    EXPECT_EQ(overall(), RollbackClass::lossy);
    trials.round_trip.changes = {{DataChangeKind::column_moved, "t", "a", 0, true, {}}};
    EXPECT_EQ(overall(), RollbackClass::undeclared_irreversible) << "nothing lost, yet not as it was";
}

TEST_F(Classify, WithoutAWayBack) {
    trials.round_trip.down.reset();
    trials.round_trip.up_again.reset();
    migration.down.reset();
    EXPECT_EQ(overall(), RollbackClass::undeclared_irreversible);
    migration.declared_irreversible = "7.up.sql:1: -- irreversible";
    EXPECT_EQ(overall(), RollbackClass::declared_irreversible);
}

TEST_F(Classify, DownFailsOrLeavesAnotherSchema) {
    trials.round_trip.down = failed("line 1: no (42P01)");
    EXPECT_EQ(overall(), RollbackClass::undeclared_irreversible);
    trials.round_trip.down = worked();
    trials.round_trip.down->schema_equal = false;
    trials.round_trip.down->difference = {"+ CREATE TABLE a"};
    EXPECT_EQ(overall(), RollbackClass::undeclared_irreversible);
    EXPECT_THAT(classify(migration, trials).reasons, ElementsAre(HasSubstr("+ CREATE TABLE a")));
}

TEST_F(Classify, TheTeamsOwnCommandHasNoFile) {
    migration.down.reset();
    trials.round_trip.down = failed("exit code 1");
    EXPECT_THAT(classify(migration, trials).reasons,
                ElementsAre("the way back fails after up went through: exit code 1"));
}

TEST_F(Classify, NewWritesCanBeInTheWay) {
    trials.traffic.emplace();
    trials.traffic->down = failed("line 1: too long (22001)");
    EXPECT_EQ(overall(), RollbackClass::undeclared_irreversible);
    trials.traffic->down = worked();
    EXPECT_EQ(overall(), RollbackClass::reversible);
    trials.traffic->changes = {{DataChangeKind::rows_missing, "t", "", 2, true, {}}};
    EXPECT_EQ(overall(), RollbackClass::lossy);
}

TEST_F(Classify, OneWayOutIsEnough) {
    partial(worked(), failed("x"));
    EXPECT_EQ(overall(), RollbackClass::reversible);
    EXPECT_EQ(what_to_do(migration, trials.partial[0]), "run the migration again");
    trials.partial.clear();
    partial(failed("x"), worked());
    EXPECT_EQ(overall(), RollbackClass::reversible);
    EXPECT_EQ(what_to_do(migration, trials.partial[0]), "run the way back");
}

TEST_F(Classify, NoWayOutIsWorstAndSaysWhatAPersonMustDo) {
    partial(failed("line 1: exists (42P07)"), failed("line 1: missing (42P01)"));
    trials.round_trip.changes = {{DataChangeKind::values_changed, "t", "a", 4, true, {}}};
    const Classification result = classify(migration, trials);
    EXPECT_EQ(result.overall, RollbackClass::unrecoverable);
    EXPECT_EQ(result.way_back, RollbackClass::lossy);
    EXPECT_EQ(result.reasons[0],
              "when it fails after statement 1 (line 1): a part is left (+ CREATE TABLE a); up again fails: line 1: "
              "exists (42P07), "
              "and down fails: line 1: missing (42P01). A person must undo by hand what is left, or run 7.up.sql from "
              "line 2 on "
              "by hand");
}

TEST_F(Classify, AllOfItIsNoPart) {
    partial(failed("x"), failed("x")).left = Left::all;
    EXPECT_EQ(overall(), RollbackClass::reversible);
    EXPECT_THAT(what_to_do(migration, trials.partial[0]), HasSubstr("Tell the tool that it is applied"));
}

TEST_F(Classify, UpThatFails) {
    trials.round_trip.up = failed("line 2: no (42P01)");
    trials.round_trip.down.reset();
    EXPECT_EQ(overall(), RollbackClass::migration_fails);
    partial(failed("x"), failed("x"));
    EXPECT_EQ(overall(), RollbackClass::unrecoverable);
}

TEST_F(Classify, TheReportSaysItAll) {
    partial(failed("line 1: exists (42P07)"), failed("line 1: missing (42P01)"));
    RollbackReport report;
    report.migrations.push_back({migration, trials, classify(migration, trials), {"a note"}});
    report.not_rehearsed.push_back({"8 next", "stopped"});
    report.stopped = "stopped as asked";
    EXPECT_FALSE(report.passed());
    EXPECT_FALSE(report.complete());
    const std::string text = to_text(report);
    for (const char* part : {"1 unrecoverable partial state", "STOP after statement 1 (line 1): a part left",
                             "note: a note", "It ended early: stopped as asked", "not rehearsed: 8 next"}) {
        EXPECT_THAT(text, HasSubstr(part));
    }
    const std::string json = to_json(report);
    EXPECT_THAT(json, HasSubstr("\"class\": \"unrecoverable partial state\""));
    EXPECT_THAT(json, HasSubstr("\"recoverable\": false"));
}

TEST_F(Classify, FailuresThatComeToTheSameAreOneLine) {
    trials.round_trip.down = failed("no");
    for (const std::size_t statement : {0U, 1U, 3U})
        partial(worked(), failed("line 1: missing (42P01)")).statement = statement;
    for (const Interruption kind : {Interruption::cancel, Interruption::drop}) {
        for (const std::size_t statement : {1U, 2U}) {
            PartialOutcome& inside = partial(worked(), failed("line 1: missing (42P01)"));
            inside.statement = statement;
            inside.interruption = kind;
        }
    }
    partial(worked(), failed("line 9: another (42P01)")).statement = 7;
    PartialOutcome& command = partial(worked(), failed("line 9: another (42P01)"));
    command.place = "before its DDL statement 3 (create table a), the command killed";
    RollbackReport report;
    report.migrations.push_back({migration, trials, classify(migration, trials), {}});
    const std::string text = to_text(report);
    EXPECT_THAT(
        text,
        HasSubstr("    ok   after statements 1–2, 4; inside statements 2–3 (cancelled, connection dropped): a part "
                  "left; up again works; down fails: line 1: missing (42P01)\n"));
    EXPECT_THAT(
        text,
        HasSubstr("    ok   before its DDL statement 3 (create table a), the command killed; after statement 8: a "
                  "part left; up again works; down fails: line 9: another (42P01)\n"));
}

}  // namespace
}  // namespace understudy::schema
