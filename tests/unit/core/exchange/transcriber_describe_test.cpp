// Which description the rows of an Execute have: the server sends it only when asked, often long before.

#include <gtest/gtest.h>

#include "core/exchange/transcriber.hpp"
#include "tests/support/dialogue.hpp"

namespace understudy {
namespace {

using testing::Dialogue;
namespace be = testing::be;
namespace fe = testing::fe;

constexpr std::uint32_t kInt4 = 23;
constexpr std::uint32_t kText = 25;

/// The results with rows, in order.
std::vector<StepResult> with_rows(const Dialogue& talk) {
    std::vector<StepResult> results;
    for (const Event& event : talk.events()) {
        const auto* response = std::get_if<Response>(&event);
        if (response == nullptr) continue;
        for (const StepResult& result : response->results) {
            if (result.rows > 0) results.push_back(result);
        }
    }
    return results;
}

std::vector<std::int16_t> formats_of(const StepResult& result) {
    std::vector<std::int16_t> formats;
    const auto description = pgwire::decode_row_description(result.row_description);
    if (!description) return formats;
    for (const auto& column : description->columns) formats.push_back(column.format);
    return formats;
}

Bytes binary(std::int32_t value) { return Bytes("\0\0\0", 3) + static_cast<char>(value); }

TEST(TranscriberDescribe, OnceThenExecuteManyWithTheFormatsOfEachBind) {
    Dialogue talk;
    talk.client(fe::parse("s", "select") + fe::describe_statement("s") + fe::sync());
    talk.server(be::parse_complete() + be::parameter_description({}) +
                be::row_description({{"a", kInt4}, {"b", kInt4}}) + be::ready());
    const auto execute = [&](std::vector<std::int16_t> formats, const Bytes& row) {
        talk.client(fe::bind("", "s", std::move(formats)) + fe::execute() + fe::sync());
        talk.server(be::bind_complete() + row + be::complete("SELECT 1") + be::ready());
    };
    execute({}, be::row({"7", "8"}));
    execute({1}, be::row({binary(7), binary(8)}));
    execute({0, 1}, be::row({"7", binary(8)}));
    execute({0}, be::row({"7", "8"}));
    const std::vector<StepResult> results = with_rows(talk);
    ASSERT_EQ(results.size(), 4U);
    EXPECT_EQ(formats_of(results[0]), (std::vector<std::int16_t>{0, 0}));
    EXPECT_EQ(formats_of(results[1]), (std::vector<std::int16_t>{1, 1}));
    EXPECT_EQ(formats_of(results[2]), (std::vector<std::int16_t>{0, 1}));
    for (const StepResult& result : results) {
        EXPECT_EQ(result.digest, results[0].digest);  // the same values
        EXPECT_EQ(result.digest.opaque_cells, 0U);
    }
}

TEST(TranscriberDescribe, OfAPortal) {
    Dialogue talk;
    talk.client(fe::parse("", "select") + fe::bind("p", "", {1}) + fe::describe_portal("p") + fe::execute("p", 1) +
                fe::flush());
    talk.server(be::parsed_and_bound() + be::row_description({{"a", kInt4, 1}}) + be::row({binary(7)}) +
                be::portal_suspended());
    talk.client(fe::execute("p") + fe::sync()).server(be::row({binary(8)}) + be::complete("SELECT 1") + be::ready());
    const std::vector<StepResult> results = with_rows(talk);
    ASSERT_EQ(results.size(), 2U);
    EXPECT_EQ(formats_of(results[0]), std::vector<std::int16_t>{1});
    EXPECT_EQ(results[1].row_description, results[0].row_description);
    EXPECT_EQ(results[1].digest.opaque_cells, 0U);
}

TEST(TranscriberDescribe, NeverAskedMeansOpaque) {
    Dialogue talk;
    talk.client(fe::unnamed("select") + fe::sync())
        .server(be::parsed_and_bound() + be::row({"7"}) + be::complete("SELECT 1") + be::ready());
    const std::vector<StepResult> results = with_rows(talk);
    ASSERT_EQ(results.size(), 1U);
    EXPECT_EQ(results[0].row_description, "");
    EXPECT_EQ(results[0].digest.opaque_cells, 1U);
}

TEST(TranscriberDescribe, ANewParseForgetsTheOldDescription) {
    Dialogue talk;
    talk.client(fe::parse("", "select 1") + fe::describe_statement("") + fe::sync());
    talk.server(be::parse_complete() + be::parameter_description({}) + be::row_description({{"a", kInt4}}) +
                be::ready());
    talk.client(fe::unnamed("select 'x'") + fe::sync())
        .server(be::parsed_and_bound() + be::row({"x"}) + be::complete("SELECT 1") + be::ready());
    ASSERT_EQ(with_rows(talk).size(), 1U);
    EXPECT_EQ(with_rows(talk)[0].row_description, "");
}

TEST(TranscriberDescribe, CloseForgetsIt) {
    Dialogue talk;
    talk.client(fe::parse("s", "select") + fe::describe_statement("s") + fe::close_statement("s") + fe::bind("", "s") +
                fe::execute() + fe::sync());
    talk.server(be::parse_complete() + be::parameter_description({}) + be::row_description({{"a", kInt4}}) +
                be::close_complete());
    talk.server(be::bind_complete() + be::row({"7"}) + be::complete("SELECT 1") + be::ready());
    ASSERT_EQ(with_rows(talk).size(), 1U);
    EXPECT_EQ(with_rows(talk)[0].row_description, "");
}

TEST(TranscriberDescribe, WhatIsPairedWithADoubtTeachesNothing) {
    // The description of statement b must not become that of statement a, whose own was lost.
    Dialogue talk;
    talk.client(fe::parse("a", "1") + fe::sync() + fe::parse("b", "2") + fe::sync());
    talk.server(be::parse_complete() + be::ready() + be::parse_complete() + be::ready());
    talk.client(fe::describe_statement("a") + fe::sync() + fe::describe_statement("b") + fe::sync()).server_gap();
    talk.server(be::parameter_description({}) + be::row_description({{"of_b", kText}}) + be::ready());
    talk.client(fe::sync()).server(be::ready() + be::ready());
    talk.client(fe::bind("", "a") + fe::execute() + fe::sync())
        .server(be::bind_complete() + be::row({"7"}) + be::complete("SELECT 1") + be::ready());
    ASSERT_EQ(with_rows(talk).size(), 1U);
    EXPECT_EQ(with_rows(talk)[0].row_description, "");
}

TEST(TranscriberDescribe, LostClientBytesForgetAllDescriptions) {
    Dialogue talk;  // the statement may have been prepared anew in what was lost
    talk.client(fe::parse("s", "1") + fe::describe_statement("s") + fe::sync());
    talk.server(be::parse_complete() + be::parameter_description({}) + be::row_description({{"a", kInt4}}) +
                be::ready());
    talk.client_gap().client(fe::bind("", "s") + fe::execute() + fe::sync());
    talk.server(be::bind_complete() + be::row({"7"}) + be::complete("SELECT 1") + be::ready());
    ASSERT_EQ(with_rows(talk).size(), 1U);
    EXPECT_EQ(with_rows(talk)[0].row_description, "");
}

TEST(TranscriberDescribe, MoreDescriptionsThanTheTableHolds) {
    Dialogue talk;
    talk.client(fe::parse("s", "1") + fe::describe_statement("s") + fe::sync());
    talk.server(be::parse_complete() + be::parameter_description({}) + be::row_description({{"kept", kInt4}}) +
                be::ready());
    for (std::size_t i = 0; i < DescriptionTable::kMaxDescriptions + 10; ++i) {
        talk.client(fe::query("select"))
            .server(be::row_description({{std::to_string(i), kInt4}}) + be::row({"7"}) + be::complete("S") +
                    be::ready());
    }
    talk.client(fe::bind("", "s") + fe::execute() + fe::sync())
        .server(be::bind_complete() + be::row({"7"}) + be::complete("S") + be::ready());
    const std::vector<StepResult> results = with_rows(talk);
    ASSERT_EQ(results.size(), DescriptionTable::kMaxDescriptions + 11);
    for (const StepResult& result : results) EXPECT_EQ(result.digest.opaque_cells, 0U);
    EXPECT_NE(results.back().row_description.find("kept"), Bytes::npos);
}

TEST(TranscriberDescribe, StrayMessagesDoNotSpoilAStep) {
    // Rows and descriptions that fit nothing, among them one that makes the table of descriptions grow
    // between two rows.
    Dialogue talk;
    talk.client(fe::parse("", "1") + fe::bind("", "", {1}) + fe::execute() + fe::sync());
    talk.server(be::row({"stray"}) + be::row_description({{"stray"}}) + be::parsed_and_bound());
    talk.server(be::row({"7"}) + be::row_description({{"x", kInt4, 1}}) + be::bind_complete() + be::row({"8"}) +
                be::complete("S 2") + be::ready());
    const std::vector<StepResult> results = with_rows(talk);
    ASSERT_EQ(results.size(), 1U);
    EXPECT_EQ(results[0].rows, 2U);
    EXPECT_EQ(results[0].row_description, "");
}

TEST(DescriptionTableTest, KeepsEachOnceAndReferencesStay) {
    DescriptionTable table;
    const Bytes body = be::row_description({{"a", kInt4}}).substr(5);
    const std::uint32_t id = table.intern(body);
    const DescriptionTable::Description& description = table.get(id);
    EXPECT_EQ(table.intern(body), id);
    for (int i = 0; i < 1000; ++i) table.intern(be::row_description({{std::to_string(i)}}).substr(5));
    EXPECT_EQ(&table.get(id), &description);
    EXPECT_EQ(description.body, body);
    EXPECT_EQ(table.with_formats(id, Bytes("\0\0", 2)), id);
    const std::uint32_t other = table.with_formats(id, Bytes("\0\1", 2));
    EXPECT_EQ(table.get(other).columns.at(0).format, 1);
    EXPECT_EQ(table.with_formats(DescriptionTable::kNone, Bytes("\0\1", 2)), DescriptionTable::kNone);
    EXPECT_EQ(table.get(9'999'999).columns.size(), 0U);
    EXPECT_EQ(table.intern("\xff\xff"), DescriptionTable::kNone);
    EXPECT_EQ(table.intern(body + "x"), DescriptionTable::kNone);
}

TEST(DescriptionTableTest, IsFullByBytesToo) {
    DescriptionTable table;
    EXPECT_FALSE(table.full());
    const std::string name(DescriptionTable::kMaxBodyBytes, 'n');
    EXPECT_NE(table.intern(be::row_description({{name}}).substr(5)), DescriptionTable::kNone);
    EXPECT_TRUE(table.full());
    EXPECT_EQ(table.intern(be::row_description({{"a"}}).substr(5)), DescriptionTable::kNone);
}

}  // namespace
}  // namespace understudy
