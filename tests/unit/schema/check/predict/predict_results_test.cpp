#include "schema/check/predict/predict_results.hpp"

#include <gtest/gtest.h>

namespace understudy::schema {
namespace {

constexpr std::uint32_t kOldMood = 16401;
constexpr std::uint32_t kNewMood = 17402;

struct Answered {
    RecordedStatement statement;
    Description old_answer;
    Description new_answer;
    TypeNames old_types{{kOldMood, "public.mood"}};
    TypeNames new_types{{kNewMood, "public.mood"}};
    SchemaFacts before;
    SchemaFacts after;
    std::set<std::pair<Bytes, Bytes>> retyped;

    Answered() {
        statement.sql = "select felt from visits";
        before.enums["public.mood"] = after.enums["public.mood"] = {"sad", "happy"};
        old_answer.columns.resize(1);
        new_answer.columns.resize(1);
        old_answer.columns[0].name = new_answer.columns[0].name = "felt";
        old_answer.columns[0].type_oid = kOldMood;
        new_answer.columns[0].type_oid = kNewMood;
    }
    std::vector<std::string> told() const {
        std::vector<std::string> words;
        predict_results({statement, old_answer, new_answer, old_types, new_types}, before, after, retyped,
                        [&](const Prediction& one) {
                            words.push_back(one.kind + (one.certainty == Certainty::possible ? "?" : ""));
                        });
        return words;
    }
};

using Words = std::vector<std::string>;

TEST(PredictResults, TheSameIsSilentWhateverTheOidsAre) {
    Answered scene;
    scene.statement.prepared = true;
    EXPECT_EQ(scene.told(), Words());
}

TEST(PredictResults, LabelsOfAnEnum) {
    Answered scene;
    scene.after.enums["public.mood"] = {"sad", "glad"};
    EXPECT_EQ(scene.told(), Words{"enum_labels"});
    scene.after.enums["public.mood"] = {"sad", "soso", "happy"};
    EXPECT_EQ(scene.told(), Words{"enum_labels?"});
    scene.before.enums["public.other"] = {"x"};
    scene.after.enums["public.mood"] = scene.before.enums["public.mood"];
    EXPECT_EQ(scene.told(), Words());
}

TEST(PredictResults, APreparedStatementMayBeHeld) {
    Answered scene;
    scene.new_answer.columns[0].type_modifier = 24;
    EXPECT_EQ(scene.told(), Words());
    scene.statement.prepared = true;
    EXPECT_EQ(scene.told(), Words{"held_plan?"});
    scene.new_answer.columns[0].type_modifier = scene.old_answer.columns[0].type_modifier;
    scene.retyped = {{"visits", "felt"}};
    EXPECT_EQ(scene.told(), Words{"held_plan?"});
    scene.retyped = {{"others", "felt"}};
    EXPECT_EQ(scene.told(), Words());
}

TEST(PredictResults, AnotherTypeIsAFindingOfItsOwn) {
    Answered scene;
    scene.statement.prepared = true;
    scene.new_answer.columns[0].type_oid = 25;
    scene.new_answer.columns[0].type_modifier = 24;
    EXPECT_EQ(scene.told(), Words());
}

}  // namespace
}  // namespace understudy::schema
