#include "core/pgwire/message_tag.hpp"

#include <gtest/gtest.h>

namespace understudy::pgwire {
namespace {

TEST(MessageTag, names_the_messages_of_both_sides) {
    EXPECT_EQ(frontend_message_name('P'), "Parse");
    EXPECT_EQ(frontend_message_name('S'), "Sync");
    EXPECT_EQ(backend_message_name('S'), "ParameterStatus");
    EXPECT_EQ(backend_message_name('Z'), "ReadyForQuery");
    EXPECT_EQ(backend_message_name('1'), "ParseComplete");
}

TEST(MessageTag, knows_exactly_the_tags_of_the_documentation) {
    int frontend = 0;
    int backend = 0;
    for (int byte = 0; byte < 256; ++byte) {
        frontend += is_frontend_tag(static_cast<char>(byte)) ? 1 : 0;
        backend += is_backend_tag(static_cast<char>(byte)) ? 1 : 0;
    }
    EXPECT_EQ(frontend, 14);
    EXPECT_EQ(backend, 24);
    EXPECT_FALSE(is_frontend_tag('\xd0'));
    EXPECT_FALSE(is_backend_tag('\0'));
}

}  // namespace
}  // namespace understudy::pgwire
