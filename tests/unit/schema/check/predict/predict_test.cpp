#include "schema/check/predict/predict.hpp"

#include <gtest/gtest.h>

#include "tests/unit/schema/check/predict/touching.hpp"

namespace understudy::schema {
namespace {

/// The only prediction; fails where there is none or more.
Prediction only(const std::vector<Prediction>& told) {
    EXPECT_EQ(told.size(), 1U);
    return told.size() == 1 ? told[0] : Prediction{};
}

void make_code_mandatory(Touching& touching) { touching.new_table().columns[1].not_null = true; }

TEST(PredictColumns, AMandatoryColumnThatIsLeftOut) {
    Touching touching("insert into t (id) values (1)");
    make_code_mandatory(touching);
    const Prediction told = only(touching.told_by(predict_columns));
    EXPECT_EQ(told.kind, "not_null");
    EXPECT_EQ(told.sqlstate, "23502");
    EXPECT_EQ(told.certainty, Certainty::likely);
    EXPECT_EQ(told.object, "public.t.code");
}

TEST(PredictColumns, AMandatoryColumnOfUnknownValuesIsPossible) {
    Touching touching("update t set code = code + 1");
    make_code_mandatory(touching);
    EXPECT_EQ(only(touching.told_by(predict_columns)).certainty, Certainty::possible);
}

TEST(PredictColumns, SilentOfAMandatoryColumnThatIsGiven) {
    Touching touching("insert into t (id, code) values (1, 2)");
    make_code_mandatory(touching);
    EXPECT_TRUE(touching.told_by(predict_columns).empty());
}

TEST(PredictColumns, AnotherDefaultWhereItIsUsedOnly) {
    Touching used("insert into t (id) values (1)");
    used.new_table().columns[1].default_text = "7";
    EXPECT_EQ(only(used.told_by(predict_columns)).kind, "default_changed");
    Touching given("insert into t (id, code) values (1, 2)");
    given.new_table().columns[1].default_text = "7";
    EXPECT_TRUE(given.told_by(predict_columns).empty());
}

void make_code_unique(Touching& touching) {
    ConstraintFacts unique;
    unique.type = 'u';
    unique.columns = {"code"};
    unique.definition = "UNIQUE (code)";
    touching.new_table().constraints["t_code_key"] = unique;
}

TEST(PredictConstraints, ANewKeyThatRecordedRowsRepeat) {
    Touching touching("insert into t (id, code) values (1, 5), (2, 5)");
    make_code_unique(touching);
    const Prediction told = only(touching.told_by(predict_constraints));
    EXPECT_EQ(told.kind, "constraint_added");
    EXPECT_EQ(told.sqlstate, "23505");
    EXPECT_EQ(told.certainty, Certainty::likely);
}

TEST(PredictConstraints, ANewKeyOfDifferentRowsIsPossible) {
    Touching touching("insert into t (id, code) values (1, 5), (2, 6)");
    make_code_unique(touching);
    EXPECT_EQ(only(touching.told_by(predict_constraints)).certainty, Certainty::possible);
}

TEST(PredictConstraints, SilentOfAKeyThatIsNotWrittenOrOnlyRenamed) {
    Touching other("update t set id = 3");
    make_code_unique(other);
    EXPECT_TRUE(other.told_by(predict_constraints).empty());
    Touching renamed("insert into t (id, code) values (1, 5), (2, 5)");
    make_code_unique(renamed);
    renamed.old_table().constraints["old_name"] = renamed.new_table().constraints["t_code_key"];
    EXPECT_TRUE(renamed.told_by(predict_constraints).empty());
}

TEST(PredictConstraints, AGoneKeyIsLikelyWhereItWasMet) {
    Touching touching("insert into t (id, code) values (1, 5)");
    make_code_unique(touching);
    std::swap(touching.before, touching.after);
    EXPECT_EQ(only(touching.told_by(predict_constraints)).certainty, Certainty::possible);
    touching.statement.recorded_errors = {"23505"};
    EXPECT_EQ(only(touching.told_by(predict_constraints)).certainty, Certainty::likely);
}

TEST(Predict, UnchangedTablesAreSilent) {
    for (const char* sql : {"insert into t (id) values (1)", "update t set code = null", "delete from t"}) {
        Touching touching(sql);
        for (const auto rule : {predict_columns, predict_constraints, predict_behaviour}) {
            EXPECT_TRUE(touching.told_by(rule).empty()) << sql;
        }
    }
}

}  // namespace
}  // namespace understudy::schema
