#include "core/catalog/row_reader.hpp"

#include <gtest/gtest.h>

namespace understudy::catalog {
namespace {

std::vector<Bytes> lines_of(const char* text) {
    const Row row{Bytes(text)};
    RowReader reader(row);
    std::vector<Bytes> lines = reader.lines();
    EXPECT_TRUE(reader.ok());
    return lines;
}

TEST(RowReader, ReadsListsJoinedByLineEnds) {
    EXPECT_TRUE(lines_of("").empty());
    EXPECT_EQ(lines_of("a"), (std::vector<Bytes>{"a"}));
    EXPECT_EQ(lines_of("a\nb c"), (std::vector<Bytes>{"a", "b c"}));
    EXPECT_EQ(lines_of("\n\nc\n"), (std::vector<Bytes>{"", "", "c", ""})) << "arguments without a name keep their places";
}

TEST(RowReader, RemembersWhatIsNotOfItsType) {
    const Row row{Bytes("x"), std::nullopt, Bytes("1 2")};
    RowReader reader(row);
    EXPECT_EQ(reader.number<int>(), 0);
    EXPECT_TRUE(reader.lines().empty());
    EXPECT_EQ(reader.columns(), (std::vector<std::int16_t>{1, 2}));
    EXPECT_FALSE(reader.ok());
    const Row short_row;
    RowReader beyond(short_row);
    EXPECT_TRUE(beyond.text().empty());
    EXPECT_FALSE(beyond.ok());
}

}  // namespace
}  // namespace understudy::catalog
