#include "schema/check/describe_pipeline.hpp"

#include <gtest/gtest.h>

#include "tests/support/frames.hpp"

namespace understudy::schema {
namespace {

namespace be = testing::be;
namespace fe = testing::fe;

Result<void> answer(DescribePipeline& pipeline, const Bytes& bytes) {
    for (const Bytes& frame : testing::split_frames(bytes))
        UNDERSTUDY_CHECK(pipeline.on_frame(testing::view_frame(frame)));
    return {};
}

TEST(DescribePipeline, AsksEachStatementByItself) {
    const std::vector<Question> questions = {{"select 1", {}}, {"select $1", {23}}};
    DescribePipeline pipeline(questions);
    EXPECT_EQ(pipeline.next_bytes(), fe::parse("", "select 1") + fe::describe_statement() + fe::sync() +
                                         fe::parse("", "select $1", {23}) + fe::describe_statement() + fe::sync());
    EXPECT_EQ(pipeline.next_bytes(), "");
    ASSERT_TRUE(answer(pipeline, be::parse_complete() + be::parameter_description({}) +
                                     be::row_description({{"a", 23}}) + be::ready()));
    EXPECT_FALSE(pipeline.done());
    ASSERT_TRUE(answer(pipeline, be::notice("by the way") + be::error("42703", "no such column") + be::ready()));
    ASSERT_TRUE(pipeline.done());
    const auto answers = pipeline.take();
    ASSERT_EQ(answers[0].columns.size(), 1U);
    EXPECT_EQ(answers[0].columns[0].name, "a");
    EXPECT_FALSE(answers[0].refusal);
    ASSERT_TRUE(answers[1].refusal);
    EXPECT_EQ(answers[1].refusal->sqlstate, "42703");
    EXPECT_TRUE(answers[1].columns.empty()) << "nothing of the statement before";
}

TEST(DescribePipeline, KeepsABoundedNumberInFlight) {
    const std::vector<Question> questions(DescribePipeline::kInFlight + 1, Question{"select 1", {}});
    DescribePipeline pipeline(questions);
    EXPECT_EQ(testing::split_frames(pipeline.next_bytes()).size(), 3 * DescribePipeline::kInFlight);
    const Bytes one = be::parse_complete() + be::parameter_description({}) + be::no_data() + be::ready();
    ASSERT_TRUE(answer(pipeline, one));
    EXPECT_TRUE(pipeline.next_bytes().empty()) << "refilled by halves";
    for (std::size_t i = 1; i < DescribePipeline::kInFlight; ++i) ASSERT_TRUE(answer(pipeline, one));
    EXPECT_FALSE(pipeline.done());
    EXPECT_EQ(testing::split_frames(pipeline.next_bytes()).size(), 3U);
    ASSERT_TRUE(answer(pipeline, one));
    EXPECT_TRUE(pipeline.done());
}

TEST(DescribePipeline, RefusesAnswersThatDoNotBelong) {
    const std::vector<Question> questions = {{"select 1", {}}};
    DescribePipeline early(questions);
    EXPECT_EQ(answer(early, be::ready()).error().code, Errc::protocol) << "nothing was asked";
    DescribePipeline other(questions);
    static_cast<void>(other.next_bytes());
    EXPECT_EQ(answer(other, be::complete("SELECT 1")).error().code, Errc::protocol);
    DescribePipeline fatal(questions);
    static_cast<void>(fatal.next_bytes());
    EXPECT_EQ(answer(fatal, be::error("57P01", "terminating connection", "FATAL")).error().code, Errc::io);
}

}  // namespace
}  // namespace understudy::schema
