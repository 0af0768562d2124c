#include "replay/plan/entry.hpp"

#include <gtest/gtest.h>

#include "core/pgwire/frontend_messages.hpp"

namespace understudy::replay {
namespace {

SessionState recorded() {
    SessionState state;
    state.next_ordinal = Ordinal(7);
    state.settings = {{"TimeZone", "Europe/Berlin"},
                      {"application_name", "it's"},
                      {"DateStyle", "ISO, MDY"},
                      {"server_version", "13.1"},
                      {"client_encoding", "a\\b"}};
    state.statements = {{"by_id", "select * from orders where id = $1", {20}}, {"", "select 1", {}}};
    return state;
}

TEST(Entry, ASessionRecordedFromItsStartNeedsNothing) {
    SessionState state = recorded();
    state.next_ordinal = Ordinal(0);
    EXPECT_TRUE(entry_steps(state, {}).empty());
}

TEST(Entry, SettingsThatDifferThenNamedStatements) {
    const auto steps = entry_steps(recorded(), {{"DateStyle", "ISO, MDY"}, {"TimeZone", "UTC"}});
    ASSERT_EQ(steps.size(), 3U);
    EXPECT_EQ(steps[0].frames, pgwire::encode_frontend(
                                   pgwire::Query{"select pg_catalog.set_config('TimeZone', 'Europe/Berlin', false)"}));
    EXPECT_EQ(steps[1].frames, pgwire::encode_frontend(
                                   pgwire::Query{"select pg_catalog.set_config('application_name', 'it''s', false)"}));
    EXPECT_FALSE(steps[1].prepares);
    EXPECT_EQ(steps[2].prepares, Bytes("by_id"));
    EXPECT_EQ(steps[2].frames,
              pgwire::encode_frontend(pgwire::Parse{"by_id", "select * from orders where id = $1", {20}}) +
                  pgwire::encode_frontend(pgwire::Sync{}));
}

}  // namespace
}  // namespace understudy::replay
