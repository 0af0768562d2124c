#include "core/store/capture_span.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "core/store/capture_writer.hpp"
#include "tests/support/throwaway_cluster.hpp"

namespace understudy::store {
namespace {

Timestamp second(std::int64_t n) { return Timestamp::from_ns(1'700'000'000'000'000'000) + Duration::seconds(n); }

/// A file with one chunk for each of the seconds.
void write(const std::string& path, std::initializer_list<std::int64_t> seconds) {
    const auto file = CaptureFile::create(path, CaptureHeader{}).value();
    EventWriter writer(*file);
    for (const std::int64_t n : seconds) {
        writer.on_event(CancelSent{SessionId(1), second(n)});
        writer.flush();
    }
    ASSERT_TRUE(file->finish());
}

TEST(CaptureSpan, IsFromTheFirstRecordToTheLastOfAllFiles) {
    const testing::TemporaryDirectory directory;
    write(directory.file("a"), {10, 20});
    write(directory.file("b"), {20, 70, 60});
    const CaptureSpan span = capture_span({directory.file("a"), directory.file("b")}).value();
    EXPECT_EQ(span.first, second(10));
    EXPECT_EQ(span.last, second(70));
    EXPECT_EQ(span.chunks, 5U);
}

TEST(CaptureSpan, DamageEndsTheLookAndIsNoError) {
    const testing::TemporaryDirectory directory;
    const std::string path = directory.file("a");
    write(path, {10, 20, 30});
    const auto whole = std::filesystem::file_size(path);
    for (std::uintmax_t size = 0; size < whole; ++size) {
        std::filesystem::resize_file(path, whole - 1 - size);
        const CaptureSpan span = capture_span({path}).value();
        EXPECT_LE(span.chunks, 3U);
    }
    EXPECT_FALSE(capture_span({directory.file("none")}));
}

}  // namespace
}  // namespace understudy::store
