#include "capture/proxy/place.hpp"

#include <gtest/gtest.h>

namespace understudy::capture {
namespace {

TEST(PlaceTest, ReadsAddressesAndSockets) {
    EXPECT_EQ(*parse_place("127.0.0.1:6432"), (Place{"127.0.0.1", "6432"}));
    EXPECT_EQ(*parse_place("[::1]:6432"), (Place{"::1", "6432"}));
    EXPECT_EQ(*parse_place("*:0"), (Place{"*", "0"}));
    EXPECT_EQ(*parse_place("db.example:5432"), (Place{"db.example", "5432"}));
    EXPECT_EQ(parse_place("[::1]:6432")->to_string(), "[::1]:6432");
    EXPECT_EQ(parse_place("/run/postgresql:5433")->socket_path(), "/run/postgresql/.s.PGSQL.5433");
    EXPECT_EQ(parse_place("/tmp/a:b")->socket_path(), "/tmp/a:b");
    EXPECT_TRUE(parse_place("/tmp/socket")->is_unix());
}

TEST(PlaceTest, SaysWhatIsWrong) {
    for (const char* text : {"", "localhost", "localhost:", "localhost:x", "localhost:70000", "::1:5432", ":5432"}) {
        const auto place = parse_place(text);
        ASSERT_FALSE(place) << text;
        EXPECT_EQ(place.error().code, Errc::usage);
    }
    EXPECT_FALSE(parse_place("/" + std::string(120, 'x')));
}

}  // namespace
}  // namespace understudy::capture
