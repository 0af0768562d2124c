#include "core/catalog/search_path.hpp"

#include <gtest/gtest.h>

namespace understudy::catalog {
namespace {

using Startup = std::vector<std::pair<Bytes, Bytes>>;

std::optional<Bytes> after(std::initializer_list<BytesView> statements, const Startup& startup = {}) {
    SearchPath path(startup);
    for (const BytesView sql : statements) path.on_statement(sql);
    return path.in_force();
}

TEST(SearchPath, ComesFromTheStartUpParameters) {
    EXPECT_EQ(after({}), std::nullopt);
    EXPECT_EQ(after({}, {{"search_path", "a,b"}}), "a,b");
    EXPECT_EQ(after({}, {{"options", "-c geqo=off -c search_path=a,\\ b"}}), "a, b");
    EXPECT_EQ(after({}, {{"options", "--search-path=x"}}), "x");
    EXPECT_EQ(after({}, {{"options", "-csearch_path=y -c"}}), "y");
    EXPECT_EQ(after({}, {{"options", "-c work_mem=1MB search_path=z"}}), std::nullopt);
}

TEST(SearchPath, FollowsSet) {
    EXPECT_EQ(after({"set search_path to Shop, \"Other\", public"}), "shop, \"Other\", public");
    EXPECT_EQ(after({"SET SESSION search_path = 'one, name', \"$user\""}), "\"one, name\", \"$user\"");
    EXPECT_EQ(after({"set search_path to ''"}), "\"\"");
    EXPECT_EQ(after({"set schema 'shop'"}), "shop");
    EXPECT_EQ(after({"set timezone = 'UTC'"}), std::nullopt);
    EXPECT_EQ(after({"select pg_catalog.set_config('search_path', '', false)"}), "");
    EXPECT_EQ(after({"select set_config('work_mem', '1MB', false), 'search_path'"}), std::nullopt);
}

TEST(SearchPath, GoesBackToWhatTheSessionBeganWith) {
    const Startup startup = {{"search_path", "first"}};
    EXPECT_EQ(after({"set search_path = a", "reset search_path"}, startup), "first");
    EXPECT_EQ(after({"set search_path = a", "discard all"}, startup), "first");
    EXPECT_EQ(after({"set search_path = a", "set search_path to default"}, startup), "first");
    EXPECT_EQ(after({"set search_path = a", "discard plans"}, startup), "a");
}

TEST(SearchPath, FollowsTransactions) {
    EXPECT_EQ(after({"begin", "set local search_path = a"}), "a");
    EXPECT_EQ(after({"begin", "set local search_path = a", "commit"}), std::nullopt);
    EXPECT_EQ(after({"set local search_path = a"}), std::nullopt) << "outside a transaction it has no effect";
    EXPECT_EQ(after({"begin", "set search_path = a", "rollback"}), std::nullopt);
    EXPECT_EQ(after({"begin", "set search_path = a", "commit", "rollback"}), "a");
    EXPECT_EQ(after({"begin", "set search_path = a", "rollback to s"}), "a");
}

TEST(SearchPath, IgnoresCutStatements) {
    for (const BytesView sql : {"set", "set search_path", "set search_path =", "set schema",
                                "select set_config('search_path'", "select set_config('search_path',"}) {
        SearchPath path;
        path.on_statement(sql);
        EXPECT_TRUE(path.in_force().value_or("").empty()) << sql;
    }
}

TEST(WithUser, PutsTheRoleInPlace) {
    EXPECT_EQ(with_user("\"$user\", public", "app"), "app, public");
    EXPECT_EQ(with_user("a,$user", "App"), "a,\"App\"");
    EXPECT_EQ(with_user("my$user", "app"), "my$user");
    EXPECT_EQ(with_user("\"$user\"", ""), "\"$user\"");
}

}  // namespace
}  // namespace understudy::catalog
