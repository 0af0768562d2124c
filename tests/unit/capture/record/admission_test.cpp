#include "capture/record/admission.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

namespace understudy::capture {
namespace {

const Timestamp kNow = Timestamp::from_ns(1'000);

Event request(std::uint64_t session, std::uint32_t ordinal) {
    Request request;
    request.session = SessionId(session);
    request.ordinal = Ordinal(ordinal);
    request.time = kNow;
    return request;
}

Event response(std::uint64_t session, std::uint32_t ordinal, bool ends = true) {
    Response response;
    response.session = SessionId(session);
    response.ordinal = Ordinal(ordinal);
    if (ends) response.ready = kNow;
    return response;
}

TEST(Admission, EverythingIsRecordedWhileThereIsRoom) {
    Admission admission;
    for (std::uint32_t i = 0; i < 10; ++i) {
        EXPECT_TRUE(admission.admit(request(1, i), Room::ample));
        EXPECT_TRUE(admission.admit(response(1, i), Room::ample));
    }
    EXPECT_EQ(admission.take_dropped(SessionId(1)), 0U);
    EXPECT_EQ(admission.exchanges_dropped(), 0U);
}

TEST(Admission, WhatHasBegunIsFinishedAndNothingNewBegins) {
    Admission admission;
    EXPECT_TRUE(admission.admit(request(1, 0), Room::ample));
    EXPECT_TRUE(admission.admit(request(1, 0), Room::scarce)) << "the rest of a long message";
    EXPECT_FALSE(admission.admit(request(1, 1), Room::scarce));
    EXPECT_TRUE(admission.admit(response(1, 0), Room::scarce));
    EXPECT_FALSE(admission.admit(request(1, 1), Room::ample)) << "the rest of what was left out, though there is room";
    EXPECT_FALSE(admission.admit(response(1, 1), Room::ample));
    EXPECT_TRUE(admission.admit(request(1, 2), Room::ample));
    EXPECT_EQ(admission.take_dropped(SessionId(1)), 1U);
    EXPECT_EQ(admission.take_dropped(SessionId(1)), 0U);
    EXPECT_EQ(admission.exchanges_dropped(), 1U);
}

TEST(Admission, AnAnswerForWhichThereIsNoRoomIsCountedOnce) {
    Admission admission;
    EXPECT_TRUE(admission.admit(request(1, 0), Room::ample));
    EXPECT_FALSE(admission.admit(response(1, 0, false), Room::exhausted));
    EXPECT_FALSE(admission.admit(response(1, 0, true), Room::ample)) << "half an answer would pass for a whole one";
    EXPECT_EQ(admission.exchanges_dropped(), 1U);
    EXPECT_EQ(admission.take_dropped(SessionId(1)), 1U);
}

TEST(Admission, WhoASessionIsFindsRoomLongest) {
    Admission admission;
    EXPECT_TRUE(admission.admit(SessionOpened{SessionId(1), kNow, false, {}}, Room::exhausted));
    EXPECT_FALSE(admission.admit(SessionOpened{SessionId(2), kNow, false, {}}, Room::none));
    EXPECT_EQ(admission.records_dropped(), 1U);
    EXPECT_EQ(admission.exchanges_dropped(), 0U);
}

/// Whatever the room does, an exchange is in the file whole, with its request alone, or not at all; and each that is
/// not whole was counted and told once.
TEST(Admission, NeverAPartThatPassesForTheWhole) {
    for (unsigned seed = 0; seed < 300; ++seed) {
        std::mt19937 random(seed);
        Admission admission;
        std::map<std::pair<std::uint64_t, std::uint32_t>, std::pair<int, int>> requests;  // sent, recorded
        std::map<std::pair<std::uint64_t, std::uint32_t>, std::pair<int, int>> answers;
        std::array<std::uint32_t, 4> next{};
        std::array<std::vector<std::uint32_t>, 4> open;
        for (int i = 0; i < 400; ++i) {
            const std::uint64_t session = random() % 4;
            const auto room = static_cast<Room>(random() % 3);
            if (open[session].empty() || random() % 3 == 0) {
                const bool more = !open[session].empty() && random() % 4 == 0;
                const std::uint32_t ordinal = more ? open[session].back() : next[session]++;
                if (!more) open[session].push_back(ordinal);
                auto& count = requests[{session, ordinal}];
                ++count.first;
                if (admission.admit(request(session, ordinal), room)) ++count.second;
            } else {
                const bool ends = random() % 2 == 0;
                const std::uint32_t ordinal = open[session].front();
                auto& count = answers[{session, ordinal}];
                ++count.first;
                if (admission.admit(response(session, ordinal, ends), room)) ++count.second;
                if (ends) open[session].erase(open[session].begin());
            }
        }
        std::uint64_t not_whole = 0;
        for (const auto& [id, count] : requests) {
            const auto answer = answers[id];
            const bool whole = count.first == count.second && answer.first == answer.second;
            if (!whole) ++not_whole;
            EXPECT_TRUE(count.second > 0 || answer.second == 0) << seed;
        }
        EXPECT_EQ(admission.exchanges_dropped(), not_whole) << seed;
        std::uint64_t told = 0;
        for (std::uint64_t session = 0; session < 4; ++session) told += admission.take_dropped(SessionId(session));
        EXPECT_EQ(told, not_whole) << seed;
    }
}

}  // namespace
}  // namespace understudy::capture
