#include "core/exchange/result_builder.hpp"

#include <gtest/gtest.h>

#include "core/model/digest_mix.hpp"
#include "tests/support/dialogue.hpp"

namespace understudy {
namespace {

using testing::at_ms;
using testing::view_frame;
namespace be = testing::be;

/// Builds one result from what a server sends for a Query or an Execute.
StepResult build(const std::vector<Bytes>& frames, ResultsPolicy policy = ResultsPolicy::digest,
                 const std::vector<be::Column>& columns = {}, StepKind kind = StepKind::statement) {
    DescriptionTable table;
    ResultBuilder builder(testing::test_digester(), policy);
    if (!columns.empty()) builder.set_description(&table.get(table.intern(be::row_description(columns).substr(5))));
    std::int64_t now = 0;
    for (const Bytes& frame : frames) builder.add(view_frame(frame), at_ms(++now));
    EXPECT_EQ(builder.empty(), frames.empty());
    StepResult result;
    builder.take(kind, StepOutcome::complete, result);
    EXPECT_TRUE(builder.empty());
    EXPECT_FALSE(builder.has_description());
    StepResult empty;
    empty.kind = kind;
    StepResult next;
    builder.take(kind, StepOutcome::complete, next);
    EXPECT_EQ(next, empty);
    return result;
}

std::vector<Bytes> rows(std::size_t count, const Bytes& value = "v") {
    return std::vector<Bytes>(count, be::row({value}));
}

TEST(ResultBuilder, PolicyDigestKeepsNoRows) {
    const StepResult result = build(rows(3), ResultsPolicy::digest, {{"a"}});
    EXPECT_EQ(result.rows, 3U);
    EXPECT_TRUE(result.kept_rows.empty());
    EXPECT_EQ(result.digest.cells.size(), 3U);
    EXPECT_EQ(result.first, at_ms(1));
    EXPECT_EQ(result.end, at_ms(3));
}

TEST(ResultBuilder, PolicySampleKeepsSmallResults) {
    EXPECT_EQ(build(rows(ResultBuilder::kSampleRows), ResultsPolicy::sample).kept_rows.size(),
              ResultBuilder::kSampleRows);
    EXPECT_EQ(build(rows(ResultBuilder::kSampleRows + 1), ResultsPolicy::sample).kept_rows.size(), 0U);
    EXPECT_EQ(build(rows(ResultBuilder::kSampleRows + 50), ResultsPolicy::sample).kept_rows.size(), 0U);
    const Bytes fits(ResultBuilder::kSampleBytes - 6, 'x');  // a count and a length come before
    EXPECT_EQ(build(rows(1, fits), ResultsPolicy::sample).kept_rows.size(), 1U);
    EXPECT_EQ(build(rows(1, fits + "x"), ResultsPolicy::sample).kept_rows.size(), 0U);
}

TEST(ResultBuilder, PolicyFullKeepsAllAndDrains) {
    EXPECT_EQ(build(rows(1000), ResultsPolicy::full).kept_rows.size(), 1000U);
    ResultBuilder builder(testing::test_digester(), ResultsPolicy::full);
    builder.add(view_frame(be::row({Bytes(ResultBuilder::kMaxKeptBytes - 7, 'x')})), at_ms(1));
    EXPECT_TRUE(builder.take_rows_if_full().empty());
    builder.add(view_frame(be::row({"y"})), at_ms(1));
    EXPECT_EQ(builder.take_rows_if_full().size(), 2U);
    EXPECT_TRUE(builder.take_rows_if_full().empty());
    StepResult result;
    builder.take(StepKind::execute, StepOutcome::complete, result);
    EXPECT_EQ(result.rows, 2U);
}

TEST(ResultBuilder, CellsAreKeptUpToTheirLimit) {
    const StepResult at = build(rows(ResultBuilder::kMaxCells), ResultsPolicy::digest, {{"a"}});
    EXPECT_EQ(at.digest.cells.size(), ResultBuilder::kMaxCells);
    const StepResult past = build(rows(ResultBuilder::kMaxCells + 1), ResultsPolicy::digest, {{"a"}});
    EXPECT_TRUE(past.digest.cells.empty());
    EXPECT_NE(past.digest.ordered, 0U);
    EXPECT_EQ(past.digest.columns.size(), 1U);
    const std::vector<Bytes> wide(2, Bytes("D\0\0\1\x0a\0\x41", 7) + Bytes(65 * 4, '\xff'));  // 65 NULLs
    EXPECT_TRUE(build(wide).digest.cells.empty());
    EXPECT_EQ(build(wide).digest.columns.size(), 65U);
}

TEST(ResultBuilder, DigestsFollowFromTheCells) {
    StepResult result =
        build({be::row({"1", std::nullopt}), be::row({"", "x"})}, ResultsPolicy::digest, {{"a"}, {"b"}});
    ResultDigest derived;
    derived.cells = result.digest.cells;
    derive_from_cells(derived, result.rows);
    EXPECT_EQ(derived, result.digest);
}

TEST(ResultBuilder,
     RowsOfDifferentWidthsKeepNoCells) {  // else the digests in a file would not be those of the rows
    EXPECT_TRUE(build({be::row({"1"}), be::row({"1", "2", "3"})}).digest.cells.empty());
    EXPECT_TRUE(build({be::row({"1", "2", "3"}), be::row({"1"})}).digest.cells.empty());
    EXPECT_TRUE(build({be::row({}), be::row({"1"})}).digest.cells.empty());
}

TEST(ResultBuilder, TextAndBinaryOfOneValueAreEqual) {
    const StepResult text =
        build({be::row({"258", "t", "ab"})}, ResultsPolicy::digest, {{"a", 23}, {"b", 16}, {"c", 25}});
    const StepResult binary = build({be::row({Bytes("\0\0\1\2", 4), Bytes("\1", 1), "ab"})}, ResultsPolicy::digest,
                                    {{"a", 23, 1}, {"b", 16, 1}, {"c", 25, 1}});
    EXPECT_EQ(text.digest, binary.digest);
    EXPECT_EQ(text.digest.opaque_cells, 0U);
    // int8 has the same class
    EXPECT_EQ(build({be::row({"258"})}, ResultsPolicy::digest, {{"a", 20}}).digest.cells[0], text.digest.cells[0]);
}

TEST(ResultBuilder, SaysInWhichFormItTookTypesWithoutASettledDigest) {
    const auto forms = [](const be::Column& column, const std::optional<Bytes>& value) {
        return build({be::row({"1", value})}, ResultsPolicy::digest, {{"id", 23}, column}).digest.column_forms;
    };
    const auto bits = [](CellForm form) { return Bytes{'\0', static_cast<char>(form)}; };
    const Bytes one_to_three("\2\0\0\0\4\0\0\0\1\0\0\0\4\0\0\0\3", 17);
    EXPECT_EQ(forms({"a", 25}, "x"), "");
    EXPECT_EQ(forms({"a", 3904}, "[1,3)"), bits(CellForm::by_value));
    EXPECT_EQ(forms({"a", 3904, 1}, one_to_three), bits(CellForm::by_value));
    EXPECT_EQ(forms({"a", 3904, 1}, "no range"), bits(CellForm::by_bytes));
    EXPECT_EQ(forms({"a", 3904, 1}, std::nullopt), Bytes(2, '\0'));
    EXPECT_EQ(forms({"a", 3910}, "[\"2024-01-01 00:00:00+00\",)"), bits(CellForm::by_value));
    EXPECT_EQ(forms({"a", 3910}, "[\"2024-01-01 00:00:00+01\",)"), Bytes("\0\6", 2));
    EXPECT_EQ(forms({"a", 16500, 1}, "sad"), bits(CellForm::by_bytes));
    EXPECT_EQ(build({be::row({"[1,3)"})}, ResultsPolicy::digest, {{"a", 3904}}).digest.cells,
              build({be::row({one_to_three})}, ResultsPolicy::digest, {{"a", 3904, 1}}).digest.cells);
}

TEST(ResultBuilder, NullIsNotTheEmptyString) {
    const StepResult result = build({be::row({std::nullopt, ""})}, ResultsPolicy::digest, {{"a"}, {"b"}});
    EXPECT_NE(result.digest.cells[0], result.digest.cells[1]);
    EXPECT_EQ(result.digest.cells[0], testing::test_digester().null_cell());
}

TEST(ResultBuilder, WhatHasNoCanonicalFormIsOpaque) {
    EXPECT_EQ(build({be::row({"1", std::nullopt})}).digest.opaque_cells, 1U);  // no description
    EXPECT_EQ(build({be::row({"1", "2"})}, ResultsPolicy::digest, {{"a"}}).digest.opaque_cells,
              1U);  // one column too many
    EXPECT_EQ(build({be::row({"x"})}, ResultsPolicy::digest, {{"a", 790, 1}}).digest.opaque_cells,
              1U);  // binary money
    EXPECT_EQ(build({be::row({"x"})}, ResultsPolicy::digest, {{"a", 600, 1}}).digest.opaque_cells,
              1U);  // no point
    const StepResult call = build({be::function_result("v")}, ResultsPolicy::digest, {}, StepKind::function_call);
    EXPECT_EQ(call.digest.opaque_cells, 1U);
    EXPECT_EQ(call.rows, 1U);
    EXPECT_NE(call.digest,
              build({be::function_result(std::nullopt)}, ResultsPolicy::digest, {}, StepKind::function_call).digest);
}

TEST(ResultBuilder, CopyOut) {
    const auto copy = [](const std::vector<Bytes>& lines) {
        std::vector<Bytes> frames{be::copy_out()};
        for (const Bytes& line : lines) frames.push_back(be::copy_data(line));
        frames.push_back(be::copy_done());
        return build(frames).copy;
    };
    const CopySummary summary = copy({"1\n", "22\n"});
    EXPECT_EQ(summary.direction, CopyDirection::out);
    EXPECT_EQ(summary.messages, 2U);
    EXPECT_EQ(summary.bytes, 5U);
    EXPECT_NE(summary.digest, copy({"22\n", "1\n"}).digest);
    EXPECT_EQ(summary.multiset_digest, copy({"22\n", "1\n"}).multiset_digest);
    EXPECT_NE(summary.multiset_digest, copy({"22\n", "1\n", "1\n"}).multiset_digest);
}

TEST(ResultBuilder, BesideTheRows) {
    std::vector<Bytes> frames{be::notice("n"), be::parameter("a", "b"), be::notification("c"),
                              be::parameter_description({23}), be::complete("INSERT 0 1")};
    for (std::size_t i = 0; i < ResultBuilder::kMaxNotices + 5; ++i) {
        frames.push_back(be::notice("n"));
        frames.push_back(be::notification("c"));
    }
    frames.push_back(Bytes("S\0\0\0\x05x", 6));  // malformed: left out
    frames.push_back(Bytes("A\0\0\0\x05x", 6));
    const StepResult result = build(frames, ResultsPolicy::full);
    EXPECT_EQ(result.command_tag, "INSERT 0 1");
    EXPECT_EQ(result.parameter_description, Bytes("\0\1\0\0\0\x17", 6));
    EXPECT_EQ(result.notices.size(), ResultBuilder::kMaxNotices);
    EXPECT_EQ(result.notices[0].get('M'), "n");
    EXPECT_EQ(result.notified_channels.size(), ResultBuilder::kMaxNotices);
    ASSERT_EQ(result.parameters.size(), 1U);
    EXPECT_EQ(result.parameters[0], (std::pair<Bytes, Bytes>{"a", "b"}));
}

TEST(ResultBuilder, OwnNotificationsAreThoseOfTheSessionsProcess) {
    const auto digests = [](std::uint32_t own, const std::vector<pgwire::NotificationResponse>& told) {
        ResultBuilder builder(testing::test_digester(), ResultsPolicy::digest);
        builder.set_own_process(own);
        for (const auto& one : told) {
            const Bytes frame = pgwire::encode_backend(one);
            builder.add(view_frame(frame), at_ms(1));
        }
        StepResult result;
        builder.take(StepKind::statement, StepOutcome::complete, result);
        EXPECT_EQ(result.notified_channels.size(), told.size());
        return result.own_notifications;
    };
    const auto own = digests(7, {{7, "c", "one"}, {8, "c", "of another"}, {7, "c", "two"}});
    ASSERT_EQ(own.size(), 2U);
    EXPECT_NE(own[0], own[1]);
    EXPECT_EQ(digests(7, {{7, "c", "one"}}).at(0), own[0]);
    EXPECT_NE(digests(7, {{7, "d", "one"}}).at(0), own[0]);
    EXPECT_TRUE(digests(0, {{0, "c", "one"}, {7, "c", "one"}}).empty());  // a process that is not known
}

TEST(ResultBuilder, ErrorTextsAreDigestsOutsideFull) {
    const Bytes error = be::error("22P02", "invalid input syntax for type integer: \"4711x\"");
    EXPECT_EQ(build({error}, ResultsPolicy::full).error->get('M'), "invalid input syntax for type integer: \"4711x\"");
    for (const ResultsPolicy policy : {ResultsPolicy::digest, ResultsPolicy::sample}) {
        const StepResult result = build({error, be::notice("secret")}, policy);
        EXPECT_EQ(result.error->get('M').find("4711x"), BytesView::npos);
        EXPECT_EQ(result.error->sqlstate(), "22P02");
        EXPECT_EQ(result.notices.at(0).get('M').find("secret"), BytesView::npos);
    }
}

TEST(ResultBuilder, DescriptionsStayWithStepsThatCanHaveRows) {
    const std::vector<be::Column> columns{{"a"}};
    EXPECT_FALSE(
        build({be::complete("SELECT 0")}, ResultsPolicy::digest, columns, StepKind::execute).row_description.empty());
    EXPECT_FALSE(build({be::no_data()}, ResultsPolicy::digest, columns, StepKind::describe).row_description.empty());
    EXPECT_TRUE(build({be::parse_complete()}, ResultsPolicy::digest, columns, StepKind::parse).row_description.empty());
}

}  // namespace
}  // namespace understudy
