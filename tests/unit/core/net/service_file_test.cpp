#include "core/net/service_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/throwaway_cluster.hpp"

namespace understudy::net {
namespace {

using ::testing::HasSubstr;

constexpr const char* kFile =
    "# staging\n[other]\nhost=elsewhere\n\n[shop]\n  host=db.example.com\nport=5433   \n# a comment\n"
    "options=-c work_mem=5MB\nport=9\n[shop]\nuser=late\n";

TEST(ServiceFileTest, TheFirstSectionOfTheNameCounts) {
    const auto settings = parse_service(kFile, "shop", "f").value();
    ASSERT_TRUE(settings);
    EXPECT_EQ(*settings,
              (ServiceSettings{{"host", "db.example.com"}, {"port", "5433"}, {"options", "-c work_mem=5MB"}}));
    EXPECT_FALSE(parse_service(kFile, "sho", "f").value());
    EXPECT_FALSE(parse_service("", "shop", "f").value());
    EXPECT_TRUE(parse_service("[shop]", "shop", "f").value()->empty());
}

TEST(ServiceFileTest, SaysWhichLineIsWrong) {
    for (const char* line : {"nonsense", "ldap://x/y", "service=again"}) {
        const auto parsed = parse_service("\n[shop]\n" + std::string(line) + "\n", "shop", "the-file");
        ASSERT_FALSE(parsed) << line;
        EXPECT_EQ(parsed.error().code, Errc::usage);
        EXPECT_THAT(parsed.error().message, HasSubstr("the-file, line 3"));
    }
    EXPECT_TRUE(parse_service("[other]\nnonsense\n[shop]\nhost=a", "shop", "f")) << "others' sections do not matter";
}

TEST(ServiceFileTest, TheUsersFileComesBeforeTheSystems) {
    const testing::TemporaryDirectory directory;
    std::ofstream(directory.file("user")) << "[shop]\nhost=users\n";
    std::ofstream(directory.file("system")) << "[shop]\nhost=systems\n[both]\nhost=systems\n";
    const ServiceFiles files{directory.file("user"), true, directory.file("system")};
    EXPECT_EQ(find_service("shop", files).value().at("host"), "users");
    EXPECT_EQ(find_service("both", files).value().at("host"), "systems");
    EXPECT_THAT(find_service("none", files).error().message, HasSubstr("\"none\" is not defined"));
    EXPECT_THAT(find_service("both", {directory.file("gone"), true, files.system}).error().message,
                HasSubstr("is not there"));
    EXPECT_EQ(find_service("both", {directory.file("gone"), false, files.system}).value().at("host"), "systems");
}

}  // namespace
}  // namespace understudy::net
