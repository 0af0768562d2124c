#include "core/exchange/frame_scanner.hpp"

#include <gtest/gtest.h>

#include "tests/support/frames.hpp"

namespace understudy {
namespace {

namespace fe = testing::fe;

std::vector<std::pair<char, Bytes>> scan(FrameScanner& scanner, BytesView piece) {
    std::vector<std::pair<char, Bytes>> found;
    ScannedFrame frame;
    while (scanner.next(piece, frame)) found.emplace_back(frame.tag, Bytes(frame.body));
    EXPECT_TRUE(piece.empty());
    return found;
}

TEST(FrameScanner, FindsTheSameFramesWhereverTheBytesAreCut) {
    const Bytes bytes = fe::parse("s", "SELECT 1") + fe::execute() + fe::sync() + fe::query("SELECT 2");
    FrameScanner whole;
    const auto expected = scan(whole, bytes);
    ASSERT_EQ(expected.size(), 4U);
    EXPECT_EQ(expected[3].second, Bytes("SELECT 2\0", 9));
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
        for (std::size_t second = cut; second <= bytes.size(); ++second) {
            FrameScanner scanner;
            auto found = scan(scanner, BytesView(bytes).substr(0, cut));
            for (auto& frame : scan(scanner, BytesView(bytes).substr(cut, second - cut))) found.push_back(frame);
            for (auto& frame : scan(scanner, BytesView(bytes).substr(second))) found.push_back(frame);
            EXPECT_EQ(found, expected) << cut << " " << second;
        }
    }
}

TEST(FrameScanner, KeepsOnlyTheBeginningOfAFrameInPieces) {
    const Bytes bytes = fe::query(Bytes(100'000, 'x')) + fe::sync();
    FrameScanner scanner;
    EXPECT_TRUE(scan(scanner, BytesView(bytes).substr(0, 50'000)).empty());
    const auto found = scan(scanner, BytesView(bytes).substr(50'000));
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].second, Bytes(FrameScanner::kMaxKept - 5, 'x'));
    EXPECT_EQ(found[1].first, 'S');
    ScannedFrame frame;
    BytesView first = BytesView(bytes).substr(0, 50'000);
    EXPECT_FALSE(scanner.next(first, frame));
    BytesView second = BytesView(bytes).substr(50'000);
    ASSERT_TRUE(scanner.next(second, frame));
    EXPECT_TRUE(frame.cut);
    ASSERT_TRUE(scanner.next(second, frame));
    EXPECT_FALSE(frame.cut);
}

TEST(FrameScanner, DropsWhatCannotBeAFrame) {
    FrameScanner scanner;
    EXPECT_TRUE(scan(scanner, BytesView("Q\0\0\0\3xxxxxxx", 12)).empty());
    EXPECT_TRUE(scan(scanner, BytesView("Q\0", 2)).empty());
    EXPECT_TRUE(scan(scanner, BytesView("\0\0\0xyz", 6)).empty());
    EXPECT_EQ(scan(scanner, fe::sync()).size(), 1U);
}

TEST(FrameScanner, ResetForgetsAFrameBegun) {
    FrameScanner scanner;
    const Bytes bytes = fe::query("SELECT 1");
    EXPECT_TRUE(scan(scanner, BytesView(bytes).substr(0, 9)).empty());
    scanner.reset();
    EXPECT_EQ(scan(scanner, bytes).size(), 1U);
}

}  // namespace
}  // namespace understudy
