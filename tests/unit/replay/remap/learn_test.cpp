#include "replay/remap/learn.hpp"

#include "core/model/digest_mix.hpp"
#include "tests/unit/replay/remap/remap_fixture.hpp"

namespace understudy::replay {
namespace {

using testing::hash_of;
namespace oid = testing::oid;

constexpr DomainId kOrders = 1;
constexpr SessionId kMe(1);

std::uint64_t id(const Bytes& text) { return hash_of(oid::int8, text); }

/// Rows of (id, a text).
ResultCells recorded_rows(const std::vector<Bytes>& ids) {
    ResultCells cells{2, {}};
    for (const Bytes& text : ids) {
        cells.cells.push_back(text == "NULL" ? testing::test_digester().null_cell() : id(text));
        cells.cells.push_back(hash_of(oid::text, "x"));
    }
    return cells;
}

ObservedValues observed_rows(const std::vector<Bytes>& ids) {
    ObservedValues observed{{0}, {kOrders}, {}, false};
    for (const Bytes& text : ids) {
        if (text == "NULL") {
            observed.values.emplace_back();
        } else {
            observed.values.push_back({false, id(text), text});
        }
    }
    return observed;
}

class Learn : public ::testing::Test {
protected:
    /// "text<n" for each pair that the n-th recorded value gives, "lost", "unordered", "unpaired".
    std::string learned(const std::vector<Bytes>& recorded, const std::vector<Bytes>& observed, RowPairing pairing) {
        const ResultCells cells = recorded_rows(recorded);
        const Learned learned =
            learn_from(&cells, observed_rows(observed), pairing, testing::test_digester().null_cell(), kMe, map_);
        std::string text;
        for (const ValueMap::Pair& pair : learned.pairs) {
            for (const Bytes& before : recorded) {
                if (id(before) == pair.recorded) text += before + ">" + pair.text + " ";
            }
            EXPECT_EQ(pair.target, id(pair.text));
        }
        for (std::size_t i = 0; i < learned.lost.size(); ++i) text += "lost ";
        return text + (learned.unordered ? "unordered " : "") + (learned.unpaired ? "unpaired " : "");
    }
    void know(const Bytes& recorded, const Bytes& target) {
        map_.learn(SessionId(), {kOrders, id(recorded), id(target), target});
    }
    ValueMap map_;
};

TEST_F(Learn, WhatAnInsertGaveRowByRowEqualOnesToo) {
    EXPECT_EQ(learned({"1", "2", "NULL", "4"}, {"11", "2", "13", "NULL"}, RowPairing::produced), "1>11 2>2 ");
    know("1", "11");
    EXPECT_EQ(learned({"1", "2"}, {"11", "12"}, RowPairing::produced), "2>12 ");
    EXPECT_EQ(learned({"1"}, {"21"}, RowPairing::produced), "1>21 ") << "generated anew";
}

TEST_F(Learn, WhatIsReadOnlyTellsOfWhatNothingIsKnownOf) {
    EXPECT_EQ(learned({"1", "2"}, {"11", "2"}, RowPairing::read), "1>11 ");
    know("1", "11");
    EXPECT_EQ(learned({"1"}, {"12"}, RowPairing::read), "") << "another row was read";
    EXPECT_EQ(learned({"3"}, {"11"}, RowPairing::read), "") << "it stands for another";
}

TEST_F(Learn, RowsInAnotherOrderTeachNothing) {
    EXPECT_EQ(learned({"1", "2", "3"}, {"2", "3", "1"}, RowPairing::read), "");
    EXPECT_EQ(learned({"1", "2"}, {"2", "9"}, RowPairing::read), "");
    EXPECT_EQ(learned({"1", "2", "3"}, {"2", "1", "9"}, RowPairing::read), "3>9 ");
}

TEST_F(Learn, RowsWithoutAnOrderAreCounted) {
    EXPECT_EQ(learned({"1", "2"}, {"1", "2"}, RowPairing::none), "");
    EXPECT_EQ(learned({"1", "2"}, {"11", "12"}, RowPairing::none), "unordered ");
}

TEST_F(Learn, OtherNumbersOfRowsLoseWhatWasGenerated) {
    EXPECT_EQ(learned({"1", "2"}, {"11"}, RowPairing::produced), "lost lost unpaired ");
    EXPECT_EQ(learned({"1", "2"}, {"11"}, RowPairing::read), "unpaired ");
    know("1", "11");
    EXPECT_EQ(learned({"1", "2"}, {}, RowPairing::produced), "lost unpaired ");
    EXPECT_TRUE(learn_from(nullptr, observed_rows({"1"}), RowPairing::produced, 0, kMe, map_).unpaired);
    ObservedValues cut = observed_rows({"1"});
    cut.cut = true;
    const ResultCells cells = recorded_rows({"1"});
    EXPECT_TRUE(learn_from(&cells, cut, RowPairing::read, 0, kMe, map_).unpaired);
    const ResultCells narrow{0, {}};
    EXPECT_TRUE(learn_from(&narrow, observed_rows({"1"}), RowPairing::produced, 0, kMe, map_).lost.empty());
}

TEST_F(Learn, CellsOfASmallResultOrOfItsKeptRows) {
    const Digester& digester = testing::test_digester();
    StepResult small;
    small.rows = 2;
    small.digest.cells = {1, 2, 3, 4};
    EXPECT_EQ(cells_of(small, digester).width, 2U);
    small.digest.cells = {1, 2, 3};
    EXPECT_EQ(cells_of(small, digester).width, 0U);
    StepResult kept;
    kept.rows = 100;
    pgwire::RowDescription description;
    description.columns = {{"id", 200, 1, oid::int8, 8, -1, 0}};
    kept.row_description = pgwire::encode_backend(description).substr(5);
    for (int i = 0; i < 100; ++i) kept.kept_rows.push_back(testing::be::row({std::to_string(i)}).substr(5));
    const ResultCells cells = cells_of(kept, digester);
    ASSERT_EQ(cells.rows(), 100U);
    EXPECT_EQ(cells.cells[42], id("42"));
    kept.kept_rows.pop_back();
    EXPECT_EQ(cells_of(kept, digester).rows(), 0U);
    EXPECT_EQ(cells_of(StepResult{}, digester).rows(), 0U);
}

TEST_F(Learn, NormalisedDigestsAreTheRecordedOnes) {
    const ResultCells recorded = recorded_rows({"1", "2"});
    ResultDigest expected;
    expected.cells = recorded.cells;
    derive_from_cells(expected, 2);
    ResultDigest raw;
    raw.cells = recorded_rows({"11", "2"}).cells;
    derive_from_cells(raw, 2);
    const ObservedValues observed = observed_rows({"11", "2"});
    EXPECT_EQ(normalised_digest(raw, {2, raw.cells}, observed, map_), std::nullopt) << "nothing is known";
    know("1", "11");
    EXPECT_EQ(normalised_digest(raw, {2, raw.cells}, observed, map_), expected);
    ResultDigest large = raw;
    large.cells.clear();
    const auto without_cells = normalised_digest(large, {2, raw.cells}, observed, map_);
    ASSERT_TRUE(without_cells);
    EXPECT_TRUE(without_cells->cells.empty());
    EXPECT_EQ(without_cells->ordered, expected.ordered);
}

}  // namespace
}  // namespace understudy::replay
