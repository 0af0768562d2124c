#include "capture/stream/packet_order.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>
#include <string>

namespace understudy::capture {
namespace {

Timestamp at(std::int64_t ns) { return Timestamp::from_ns(ns); }
const Timestamp kEver = Timestamp::from_ns(std::numeric_limits<std::int64_t>::max());

TEST(PacketOrder, TimeThenArrival) {
    PacketOrder order;
    std::string seen;
    const auto note = [&](int link, BytesView packet, std::uint32_t, Timestamp) {
        seen += std::to_string(link) + std::string(packet) + " ";
    };
    order.add(1, "b", 1, at(20));
    order.add(2, "a", 1, at(10));
    order.add(2, "b", 1, at(20));
    order.add(1, "c", 1, at(30));
    EXPECT_EQ(order.release(at(20), note), 3U);
    EXPECT_EQ(seen, "2a 1b 2b ");
    EXPECT_FALSE(order.empty());
    EXPECT_EQ(order.release(kEver, note), 1U);
    EXPECT_TRUE(order.empty());
}

TEST(PacketOrder, WhatIsTooMuchGoesEarlyOldestFirst) {
    PacketOrder order(25);
    std::vector<std::int64_t> times;
    const auto note = [&](int, BytesView, std::uint32_t, Timestamp time) { times.push_back(time.ns()); };
    for (const std::int64_t time : {50, 10, 30, 40, 20}) order.add(1, "0123456789", 10, at(time));
    order.release(at(0), note);
    EXPECT_EQ(times, (std::vector<std::int64_t>{10, 20, 30}));
}

TEST(PacketOrder, NothingIsLostOrSwapped) {
    for (unsigned seed = 0; seed < 50; ++seed) {
        std::mt19937 random(seed);
        PacketOrder order;
        std::vector<std::int64_t> times;
        const auto note = [&](int, BytesView, std::uint32_t, Timestamp time) { times.push_back(time.ns()); };
        for (std::int64_t now = 0; now < 200; ++now) {
            order.add(1, "x", 1, at(now * 10 - static_cast<std::int64_t>(random() % 50)));
            order.release(at(now * 10 - 50), note);
        }
        order.release(kEver, note);
        EXPECT_EQ(times.size(), 200U);
        EXPECT_TRUE(std::is_sorted(times.begin(), times.end())) << seed;
    }
}

}  // namespace
}  // namespace understudy::capture
