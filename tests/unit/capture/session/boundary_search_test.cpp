#include "capture/session/boundary_search.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "tests/unit/capture/session/session_fixture.hpp"

namespace understudy::capture {
namespace {

constexpr std::size_t kMaxFrame = 256U << 20U;

/// Adds pieces until a boundary is found; what follows it, or "none".
Bytes found(BoundarySearch& search, const std::vector<Bytes>& pieces, bool burst = false) {
    for (const Bytes& piece : pieces) {
        if (search.add(piece, burst)) return search.take();
    }
    return "none";
}
Bytes found_of_server(const std::vector<Bytes>& pieces, bool burst = false) {
    BoundarySearch search(false, kMaxFrame);
    return found(search, pieces, burst);
}
Bytes found_of_client(const std::vector<Bytes>& pieces, bool burst = false) {
    BoundarySearch search(true, kMaxFrame);
    return found(search, pieces, burst);
}

TEST(BoundarySearch, FindsRowsInTheMiddleOfAPiece) {
    const Bytes rows = be::row({"one", "1"}) + be::row({"two", "2"}) + be::row({"three", "3"}) + be::row({"four", "4"});
    EXPECT_EQ(found_of_server({"rest of a row" + rows}), be::row({"four", "4"})) << "those before confirm it";
    EXPECT_EQ(found_of_server({"rest of a row" + rows.substr(0, 30)}), "none");
    EXPECT_EQ(found_of_server({"rest of a row" + rows.substr(0, 7), rows.substr(7, 20), rows.substr(27)}),
              be::row({"four", "4"}));
}

TEST(BoundarySearch, WholeMessagesThatFillAPieceAreSure) {
    EXPECT_EQ(found_of_client({fe::query("select 1")}, true), fe::query("select 1"));
    EXPECT_EQ(found_of_client({fe::query("select 1")}), "none") << "in the middle of a burst it may be data";
    EXPECT_EQ(found_of_client({fe::copy_data("a row\n")}, true), fe::copy_data("a row\n"));
    EXPECT_EQ(found_of_client({fe::copy_data("a\n") + fe::copy_data("b\n")}),
              fe::copy_data("a\n") + fe::copy_data("b\n"));
    const Bytes query = fe::query("select '" + std::string(3000, 'x') + "'");
    EXPECT_EQ(found_of_client({query.substr(0, 1448)}, true), "none");
    BoundarySearch search(true, kMaxFrame);
    EXPECT_FALSE(search.add(query.substr(0, 1448), true));
    EXPECT_FALSE(search.add(query.substr(1448, 1448), false));
    EXPECT_TRUE(search.add(query.substr(2896), false));
    EXPECT_EQ(search.take(), query);
    EXPECT_EQ(search.passed_over(), 0U);
}

TEST(BoundarySearch, AnAnswersEndIsSureOnceTheClientGoesOn) {
    BoundarySearch search(false, kMaxFrame);
    EXPECT_FALSE(search.add("rest of a row" + be::complete("SELECT 1") + be::ready(), false));
    ASSERT_TRUE(search.other_side_goes_on());
    EXPECT_EQ(search.take(), be::complete("SELECT 1") + be::ready());
    EXPECT_EQ(search.passed_over(), 13U);
    BoundarySearch unfinished(false, kMaxFrame);
    EXPECT_FALSE(unfinished.add("rest of a row" + be::row({"1"}), false));
    EXPECT_FALSE(unfinished.other_side_goes_on());
}

TEST(BoundarySearch, MessagesThatDoNotDecodeAreNone) {
    EXPECT_EQ(found_of_client({wire::frame('Q', "no end")}), "none");
    EXPECT_EQ(found_of_client({wire::frame('B', "portal")}), "none");
    EXPECT_EQ(found_of_client({wire::frame('S', "body")}), "none");
    EXPECT_EQ(found_of_client({wire::password("secret")}), "none") << "not past the log-in";
    EXPECT_EQ(found_of_server({wire::frame('Z', "X")}), "none");
    EXPECT_EQ(found_of_server({wire::frame('D', Bytes("\0\2\0\0\0\1x", 7))}), "none");
}

TEST(BoundarySearch, WhatIsHeldIsBoundedAndTheBoundaryIsFoundLater) {
    BoundarySearch search(false, kMaxFrame);
    const Bytes huge = be::row({std::string(3U << 20U, 'v')});
    std::uint64_t given = 0;
    for (std::size_t at = 100; at < huge.size(); at += 65'536) {
        const Bytes piece = huge.substr(at, 65'536);
        given += piece.size();
        ASSERT_FALSE(search.add(piece, false));
    }
    const Bytes rows = be::row({"1"}) + be::row({"2"});
    ASSERT_TRUE(search.add("" + rows, false));
    EXPECT_EQ(search.take(), rows);
    EXPECT_EQ(search.passed_over(), given);
}

class Noise {
public:
    explicit Noise(std::uint32_t seed) : random_(seed) {}
    std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(random_() % limit); }
    /// Binary data with pieces in it that look like messages of either side.
    Bytes binary(std::size_t length) {
        Bytes data;
        while (data.size() < length) {
            for (std::uint32_t i = below(40); i > 0; --i) data += static_cast<char>(below(below(3) == 0 ? 256 : 2));
            switch (below(12)) {
                case 0: data += fe::query("select 1"); break;
                case 1: data += fe::sync(); break;
                case 2: data += be::ready(); break;
                case 3: data += be::row({"1"}) + be::complete("SELECT 1"); break;
                case 4: data += fe::copy_data("x"); break;
                case 5: data += fe::bind("", "s").substr(0, 7); break;
                default: break;
            }
        }
        return data;
    }

private:
    std::mt19937 random_;
};

/// Cuts a stream of messages anywhere, enters it anywhere, and looks where the search says that a message begins.
void expect_true_boundaries(bool from_client, std::uint32_t seeds) {
    std::uint32_t times_found = 0;
    for (std::uint32_t seed = 0; seed < seeds; ++seed) {
        Noise noise(seed);
        Bytes stream;
        std::set<std::size_t> boundaries;
        while (stream.size() < 6000) {
            boundaries.insert(stream.size());
            const Bytes data = noise.binary(noise.below(300));
            stream += from_client || seed % 2 == 0 ? fe::copy_data(data) : be::row({data});
        }
        BoundarySearch search(from_client, kMaxFrame);
        std::size_t at = noise.below(800);
        for (bool done = false; !done && at < stream.size();) {
            const std::size_t length = std::min<std::size_t>(1 + noise.below(1448), stream.size() - at);
            done = search.add(BytesView(stream).substr(at, length), false);
            at += length;
            if (!done) continue;
            const Bytes rest = search.take();
            ASSERT_EQ(boundaries.count(at - rest.size()), 1U) << "seed " << seed << " at " << at - rest.size();
            ++times_found;
        }
    }
    EXPECT_GE(times_found * 100, seeds * 95) << "of " << seeds;
}

TEST(BoundarySearch, BinaryDataThatLooksLikeMessagesIsNotTakenForThem) {
    const std::uint32_t seeds = std::getenv("UNDERSTUDY_LONG") != nullptr ? 10'000 : 500;
    expect_true_boundaries(true, seeds);
    expect_true_boundaries(false, seeds);
}

TEST(BoundarySearch, OnlyAReadyForQueryIsBelievedWhereTheOtherSideGoesOn) {
    BoundarySearch search(false, kMaxFrame);
    EXPECT_FALSE(search.add("rest of a row" + be::copy_data("1"), false));
    EXPECT_FALSE(search.other_side_goes_on()) << "a message as long";
    EXPECT_FALSE(search.add("rest of a row" + be::ready(), false));
    EXPECT_TRUE(search.other_side_goes_on());
    EXPECT_EQ(search.take(), be::ready());
}

TEST(BoundarySearch, NoiseHasNoBoundary) {
    for (std::uint32_t seed = 0; seed < 20; ++seed) {
        std::mt19937 random(seed);
        BoundarySearch search(seed % 2 == 0, kMaxFrame);
        for (int i = 0; i < 40; ++i) {
            Bytes piece(1448, '\0');
            for (char& byte : piece) byte = static_cast<char>(random() % 256);
            ASSERT_FALSE(search.add(piece, i % 7 == 0)) << "seed " << seed;
        }
    }
}

}  // namespace
}  // namespace understudy::capture
