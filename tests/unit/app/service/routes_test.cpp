#include "app/service/routes.hpp"

#include <gtest/gtest.h>

#include "app/service/limits.hpp"

namespace understudy::app::service {
namespace {

int status_of(std::string_view method, std::string_view target) {
    const auto found = find_route(method, target);
    return found ? 200 : found.error().status;
}

TEST(Routes, PathsLeadToActionsWithTheirRoles) {
    const auto start = find_route("POST", "/api/v1/rehearsals/shop%2Dnightly/start");
    ASSERT_TRUE(start);
    EXPECT_EQ(start->action, Action::start_rehearsal);
    EXPECT_EQ(start->needs, Role::run);
    EXPECT_EQ(start->arguments, std::vector<std::string>{"shop-nightly"});
    const auto list = find_route("GET", "/api/v1/runs?rehearsal=a%20b&limit=10&x");
    ASSERT_TRUE(list);
    EXPECT_EQ(list->query, (std::map<std::string, std::string>{{"rehearsal", "a b"}, {"limit", "10"}, {"x", ""}}));
    EXPECT_EQ(find_route("HEAD", "/healthz")->action, Action::health);
    EXPECT_EQ(find_route("GET", "/api/v1/runs/x/report.html")->action, Action::run_page);
}

TEST(Routes, OtherMethodsAndPathsAreRefused) {
    EXPECT_EQ(status_of("POST", "/api/v1/runs"), 405);
    EXPECT_EQ(find_route("POST", "/api/v1/schedules/x").error().allow, "PUT, DELETE");
    EXPECT_EQ(find_route("POST", "/healthz").error().allow, "GET, HEAD");
    for (const char* target :
         {"/nothing", "/api/v1", "/api/v1/runs/", "/api/v1/rehearsals//start", "/Healthz", "//healthz", "/healthz/"}) {
        EXPECT_EQ(status_of("GET", target), 404) << target;
    }
}

TEST(Routes, HostileAddressesAreMalformed) {
    for (const char* target :
         {"", "healthz", "*", "http://x/healthz", "/api/v1/runs/..", "/api/v1/runs/%2e%2e", "/api/v1/runs/a%2fb",
          "/api/v1/runs/%", "/api/v1/runs/%4", "/api/v1/runs/%zz", "/api/v1/runs/a%00b", "/a/b/c/d/e/f/g/h/i/j",
          "/api/v1/runs?a=%0a", "/api/v1/runs?a=1&a=2"}) {
        EXPECT_EQ(status_of("GET", target), 400) << target;
    }
    EXPECT_EQ(status_of("GET", "/" + std::string(kMaxTarget, 'a')), 414);
    std::string many = "/api/v1/runs?";
    for (std::size_t i = 0; i <= kMaxQueryParameters; ++i) many += "p" + std::to_string(i) + "=1&";
    EXPECT_EQ(status_of("GET", many + "z=1"), 400);
}

TEST(Routes, WhatChangesAnythingNeedsMoreThanTheRoleToRead) {
    for (const RouteRule& rule : route_table()) {
        if (rule.method != "GET") {
            EXPECT_TRUE(rule.needs == Role::run || rule.needs == Role::admin) << rule.pattern;
        }
    }
}

}  // namespace
}  // namespace understudy::app::service
