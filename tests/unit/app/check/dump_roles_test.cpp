#include "app/check/dump_roles.hpp"

#include <gtest/gtest.h>

namespace understudy::app {
namespace {

TEST(DumpRoles, WhereverADumpNamesThem) {
    EXPECT_EQ(roles_of_dump("ALTER TABLE public.t OWNER TO Shop;\n"
                            "GRANT SELECT ON TABLE public.t TO reader, \"Odd; Name\" WITH GRANT OPTION;\n"
                            "REVOKE ALL ON SCHEMA public FROM writer;\n"
                            "ALTER DEFAULT PRIVILEGES FOR ROLE maker GRANT SELECT ON TABLES TO taker;\n"
                            "CREATE SCHEMA s AUTHORIZATION builder;\n"
                            "CREATE POLICY p ON public.t FOR SELECT TO tenant USING (true);\n"),
              (std::set<Bytes>{"shop", "reader", "Odd; Name", "writer", "maker", "taker", "builder", "tenant"}));
}

TEST(DumpRoles, NoneThatIsAlwaysThere) {
    EXPECT_TRUE(roles_of_dump("GRANT ALL ON SCHEMA public TO PUBLIC; GRANT SELECT ON t TO pg_monitor;").empty());
}

TEST(DumpRoles, NoneFromStringsCommentsAndBodies) {
    EXPECT_TRUE(roles_of_dump("-- OWNER TO a;\nCOMMENT ON TABLE t IS 'x; OWNER TO b;';\n"
                              "CREATE FUNCTION f() AS $$ alter table t owner to c; $$;").empty());
}

}  // namespace
}  // namespace understudy::app
