#include <gtest/gtest.h>

#include "compare/diff/step_diff.hpp"
#include "tests/support/answers.hpp"

namespace understudy::compare {
namespace {

using namespace testing;

constexpr std::uint32_t kUserType = 16'500;

class UnlikeForms : public ::testing::Test {
protected:
    std::vector<std::string> differences(const StepResult& a, const StepResult& b) {
        StepDiffTools tools;
        tools.shapes = &shapes_;
        tools.order = [] { return StatementOrder{}; };
        std::vector<std::string> found;
        for (const Divergence& d : diff_step(a, b, tools)) found.push_back(std::string(to_string(d.kind)) + " " + d.place);
        return found;
    }
    StepResult answer(const Bytes& id, const Bytes& felt, CellForm form) {
        auto result = rows({{"id"}, {"felt", kUserType}}, {{id, felt}});
        result.digest.column_forms = Bytes{'\0', static_cast<char>(form)};
        return result;
    }
    using Found = std::vector<std::string>;

    TypeNames names_;
    ShapeComparer shapes_{names_, names_};
};

TEST_F(UnlikeForms, OfOneColumnAreNotComparedAndCounted) {
    EXPECT_EQ(differences(answer("1", "sad", CellForm::by_value), answer("1", "ok", CellForm::by_bytes)), Found{});
    EXPECT_EQ(shapes_.unlike_forms(), 1U);
}

TEST_F(UnlikeForms, DoNotHideWhatOtherColumnsSay) {
    EXPECT_EQ(differences(answer("1", "sad", CellForm::by_value), answer("2", "ok", CellForm::by_bytes)),
              Found{"value column id"});
}

TEST_F(UnlikeForms, AreNotThoseOfValuesInOneForm) {
    EXPECT_EQ(differences(answer("1", "sad", CellForm::by_value), answer("1", "ok", CellForm::by_value)),
              Found{"value column felt"});
    EXPECT_EQ(shapes_.unlike_forms(), 0U);
}

/// 98 answers that can be compared, and some that cannot.
Report report_with_unlike(int unlike) {
    MadeCapture a("a.pgcap"), b("b.pgcap");
    const auto answer = [](const Bytes& felt, CellForm form) {
        auto result = rows({{"felt", kUserType}}, {{felt}});
        result.digest.column_forms = Bytes{static_cast<char>(form)};
        return result;
    };
    for (int i = 0; i < 98 + unlike; ++i) {
        const bool same = i < 98;
        a.query(1, "SELECT felt FROM moods", {answer("sad", CellForm::by_value)});
        b.query(1, "SELECT felt FROM moods",
                {same ? answer("sad", CellForm::by_value) : answer("\1\2", CellForm::by_bytes)});
    }
    return compare_made(a, b);
}

TEST(UnlikeFormsOfMany, KeepFromAVerdict) {
    const Report few = report_with_unlike(0);
    EXPECT_EQ(few.verdict, ReportVerdict::same);
    const Report many = report_with_unlike(2);
    EXPECT_EQ(many.verdict, ReportVerdict::inconclusive);
    ASSERT_EQ(many.reasons.size(), 1U);
    EXPECT_NE(many.reasons[0].find("could not be compared"), std::string::npos) << many.reasons[0];
}

}  // namespace
}  // namespace understudy::compare
