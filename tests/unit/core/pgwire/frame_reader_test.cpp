#include "core/pgwire/frame_reader.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "core/base/byte_writer.hpp"

namespace understudy::pgwire {
namespace {

Bytes frame(char tag, BytesView body) {
    Bytes bytes;
    ByteWriter writer(bytes);
    writer.u8(static_cast<std::uint8_t>(tag));
    writer.u32(static_cast<std::uint32_t>(body.size() + 4));
    writer.bytes(body);
    return bytes;
}

/// The frames of one piece, copied.
FrameStatus feed(FrameReader& reader, BytesView piece, std::vector<Bytes>& frames) {
    reader.begin(piece);
    FrameView view;
    FrameStatus status = reader.next(view);
    for (; status == FrameStatus::complete; status = reader.next(view)) {
        EXPECT_EQ(view.tag, view.whole[0]);
        EXPECT_EQ(view.body, view.whole.substr(5));
        frames.emplace_back(view.whole);
    }
    reader.end();
    return status;
}

TEST(FrameReader, cuts_a_piece_into_frames_without_copying) {
    const Bytes bytes = frame('Q', Bytes("select 1\0", 9)) + frame('S', "");
    FrameReader reader;
    reader.begin(bytes);
    FrameView view;
    ASSERT_EQ(reader.next(view), FrameStatus::complete);
    EXPECT_EQ(view.tag, 'Q');
    EXPECT_EQ(view.body, BytesView("select 1\0", 9));
    EXPECT_EQ(view.whole.data(), bytes.data());
    ASSERT_EQ(reader.next(view), FrameStatus::complete);
    EXPECT_EQ(view.tag, 'S');
    EXPECT_TRUE(view.body.empty());
    EXPECT_EQ(reader.next(view), FrameStatus::need_more);
    reader.end();
    EXPECT_EQ(reader.pending(), 0U);
}

TEST(FrameReader, gives_the_same_frames_wherever_the_bytes_are_cut) {
    const std::vector<Bytes> sent{frame('P', "abc"), frame('S', ""), frame('d', Bytes(300, 'x')), frame('X', "")};
    Bytes bytes;
    for (const Bytes& one : sent) bytes += one;
    for (std::size_t first = 0; first <= bytes.size(); ++first) {
        FrameReader reader;
        std::vector<Bytes> got;
        feed(reader, BytesView(bytes).substr(0, first), got);
        std::size_t handed_out = 0;
        for (const Bytes& one : got) handed_out += one.size();
        EXPECT_EQ(handed_out + reader.pending(), first);
        feed(reader, BytesView(bytes).substr(first), got);
        EXPECT_EQ(got, sent) << "cut at " << first;
        EXPECT_EQ(reader.pending(), 0U);
    }
}

TEST(FrameReader, takes_single_bytes_and_random_pieces) {
    std::mt19937 random(7);
    std::vector<Bytes> sent;
    Bytes bytes;
    for (int i = 0; i < 200; ++i) {
        sent.push_back(frame('d', Bytes(random() % 50, static_cast<char>(i))));
        bytes += sent.back();
    }
    for (const std::size_t most : {1U, 3U, 17U, 400U}) {
        FrameReader reader;
        std::vector<Bytes> got;
        for (BytesView rest = bytes; !rest.empty();) {
            const std::size_t take = std::min<std::size_t>(rest.size(), 1 + random() % most);
            EXPECT_EQ(feed(reader, rest.substr(0, take), got), FrameStatus::need_more);
            rest.remove_prefix(take);
        }
        EXPECT_EQ(got, sent) << "pieces of at most " << most;
    }
}

TEST(FrameReader, refuses_a_length_below_four_and_stays_in_error) {
    Bytes bad = frame('Q', "");
    bad[4] = 3;
    for (const std::size_t cut : {std::size_t{0}, std::size_t{2}, std::size_t{5}}) {
        FrameReader reader;
        std::vector<Bytes> got;
        if (cut > 0 && cut < 5) feed(reader, BytesView(bad).substr(0, cut), got);
        EXPECT_EQ(feed(reader, cut < 5 ? BytesView(bad).substr(cut) : BytesView(bad), got), FrameStatus::error);
        EXPECT_EQ(feed(reader, frame('S', ""), got), FrameStatus::error);
        EXPECT_TRUE(got.empty());
        reader.reset();
        EXPECT_EQ(feed(reader, frame('S', ""), got), FrameStatus::need_more);
        EXPECT_EQ(got.size(), 1U);
    }
}

TEST(FrameReader, accepts_a_frame_at_its_limit_and_none_above) {
    FrameReader reader(20);
    std::vector<Bytes> got;
    EXPECT_EQ(feed(reader, frame('d', Bytes(16, 'x')), got), FrameStatus::need_more);
    EXPECT_EQ(got.size(), 1U);
    EXPECT_EQ(feed(reader, frame('d', Bytes(17, 'x')), got), FrameStatus::error);
}

TEST(FrameReader, gives_back_the_rest_where_frames_end) {
    FrameReader reader;
    std::vector<Bytes> got;
    feed(reader, "ab", got);
    reader.begin("cd");
    EXPECT_EQ(reader.pending(), 4U);
    EXPECT_EQ(reader.take_rest(), "abcd");
    EXPECT_EQ(reader.pending(), 0U);
    const Bytes bytes = frame('S', "") + "tail";
    FrameView view;
    reader.begin(bytes);
    ASSERT_EQ(reader.next(view), FrameStatus::complete);
    EXPECT_EQ(reader.take_rest(), "tail");
}

TEST(LooksLikeFrames, wants_known_tags_of_the_right_side_and_enough_of_them) {
    const Bytes frontend = frame('P', "abc") + frame('B', "defg") + frame('S', "");
    EXPECT_TRUE(looks_like_frames(frontend, true, 3));
    EXPECT_FALSE(looks_like_frames(frontend, true, 4));
    EXPECT_FALSE(looks_like_frames(frontend, false, 2));  // 'P' starts no backend message
    EXPECT_TRUE(looks_like_frames(BytesView(frontend).substr(0, frontend.size() - 2), true, 2));
    EXPECT_FALSE(looks_like_frames(BytesView(frontend).substr(1), true, 1));
    Bytes short_length = frame('S', "");
    short_length[4] = 3;
    EXPECT_FALSE(looks_like_frames(short_length, true, 1));
    EXPECT_FALSE(looks_like_frames("", true, 1));
}

}  // namespace
}  // namespace understudy::pgwire
