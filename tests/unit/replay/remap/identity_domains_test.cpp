#include "replay/remap/identity_domains.hpp"

#include "replay/remap/domain_builder.hpp"
#include "tests/unit/replay/remap/remap_fixture.hpp"

namespace understudy::replay {
namespace {

using testing::order_catalog;
using testing::order_domains;

const std::vector<Bytes> kPublic{"public"};

TEST(IdentityDomains, AreWhatIsGeneratedAndWhatRefersToIt) {
    const IdentityDomains domains = order_domains();
    const DomainId customer = domains.of_column(100, 1);
    const DomainId orders = domains.of_column(200, 1);
    const DomainId document = domains.of_column(300, 1);
    ASSERT_NE(customer, 0U);
    ASSERT_NE(orders, 0U);
    ASSERT_NE(document, 0U);
    EXPECT_NE(customer, orders);
    EXPECT_EQ(domains.of_column(200, 2), customer) << "by the foreign key alone";
    EXPECT_EQ(domains.of_column(100, 2), 0U);
    EXPECT_EQ(domains.of_column(200, 3), 0U);
    EXPECT_EQ(domains.of_column(300, 4), 0U) << "a default that is only a text";
    EXPECT_EQ(domains.of_column(400, 1), 0U);
    EXPECT_EQ(domains.of_column(77, 1), 0U);
    EXPECT_EQ(domains.name(customer), "customer.id");
    EXPECT_EQ(domains.name(orders), "orders.id");
    EXPECT_EQ(domains.type(customer), testing::oid::int8);
    EXPECT_EQ(domains.type(document), testing::oid::uuid);
    EXPECT_EQ(domains.size(), 4U) << "and the sequence that belongs to nothing";
}

TEST(IdentityDomains, AreFoundByNameAndSearchPath) {
    const IdentityDomains domains = order_domains();
    const DomainId orders = domains.of_column(200, 1);
    EXPECT_EQ(domains.of_column("", "orders", "id", 0, kPublic), orders);
    EXPECT_EQ(domains.of_column("public", "orders", "id", 0, {}), orders);
    EXPECT_EQ(domains.of_column("", "orders", "", 1, kPublic), orders);
    EXPECT_EQ(domains.of_column("", "orders", "", 9, kPublic), 0U);
    EXPECT_EQ(domains.of_column("", "orders", "id", 0, {"archive", "public"}), 0U) << "another table";
    EXPECT_EQ(domains.of_column("", "orders", "id", 0, {"nowhere"}), 0U) << "which of the two is open";
    EXPECT_EQ(domains.of_column("", "customer", "id", 0, {"nowhere"}), domains.of_column(100, 1)) << "the only one";
    EXPECT_EQ(domains.of_columns("", "orders", kPublic), (std::vector<DomainId>{orders, domains.of_column(100, 1), 0}));
    EXPECT_EQ(domains.generated_by("", "orders", kPublic), orders);
    EXPECT_EQ(domains.generated_by("", "tally", kPublic), 0U);
    EXPECT_TRUE(domains.concerns("orders"));
    EXPECT_FALSE(domains.concerns("tally"));
}

TEST(IdentityDomains, SequencesAreOfTheColumnsThatTheyFill) {
    const IdentityDomains domains = order_domains();
    EXPECT_EQ(domains.of_sequence("orders_id_seq"), domains.of_column(200, 1)) << "by the default";
    EXPECT_EQ(domains.of_sequence("public.customer_id_seq"), domains.of_column(100, 1)) << "by its owner";
    EXPECT_EQ(domains.of_sequence("\"Customer_id_seq\""), 0U);
    EXPECT_EQ(domains.name(domains.of_sequence("loose")), "loose");
}

TEST(IdentityDomains, InheritanceJoinsColumnsOfOneName) {
    const IdentityDomains domains = order_domains({{}, {{600, 200}}, {}});
    EXPECT_EQ(domains.of_column(600, 1), domains.of_column(200, 1));
    EXPECT_EQ(order_domains().of_column(600, 1), 0U);
}

TEST(IdentityDomains, AViewShowsItsTablesValues) {
    const IdentityDomains domains = order_domains({{{{400, 1}, {200, 2}}, {{77, 1}, {200, 1}}}, {}, {}});
    EXPECT_EQ(domains.of_column(400, 1), domains.of_column(100, 1));
}

TEST(IdentityDomains, CanBeDeclared) {
    const auto declared = [](const std::string& text) {
        return order_domains({{}, {}, {parse_identity(text).value()}});
    };
    EXPECT_NE(declared("tally.n").of_column(400, 1), 0U);
    const IdentityDomains joined = declared("TALLY.n=orders.id");
    EXPECT_EQ(joined.of_column(400, 1), joined.of_column(200, 1));
    const IdentityDomains filled = declared("tally.n=loose");
    EXPECT_EQ(filled.of_column(400, 1), filled.of_sequence("loose"));
    for (const char* bad : {"", "n", "a.b=", "a.b.c.d", "a.b = (x)"}) EXPECT_FALSE(parse_identity(bad)) << bad;
    for (const char* unknown : {"tally.m", "nowhere.n", "tally.n=nowhere"}) {
        const auto made = IdentityDomains::make(order_catalog(), {{}, {}, {parse_identity(unknown).value()}});
        ASSERT_FALSE(made) << unknown;
        EXPECT_EQ(made.error().code, Errc::usage);
    }
    catalog::Catalog two = order_catalog();
    for (catalog::Relation& relation : two.relations) relation.schema += relation.oid == 200 ? "_too" : "";
    EXPECT_FALSE(IdentityDomains::make(two, {{}, {}, {parse_identity("orders.id").value()}})) << "which of the two?";
    EXPECT_TRUE(IdentityDomains::make(two, {{}, {}, {parse_identity("archive.orders.id").value()}}));
}

TEST(IdentityDomains, ReadDefaultsByTheirWords) {
    EXPECT_EQ(read_default("nextval('a.\"B c\"'::regclass)").sequences, std::vector<Bytes>{"a.\"B c\""});
    EXPECT_TRUE(read_default("public.uuid_generate_v4()").generates);
    EXPECT_TRUE(read_default("('x' || nextval ('s'))").generates);
    EXPECT_TRUE(read_default("(gen_random_uuid())::text").generates);
    for (const char* no : {"", "now()", "'gen_random_uuid()'::text", "\"nextval\"", "1 -- nextval('x')"}) {
        EXPECT_FALSE(read_default(no).generates) << no;
    }
}

}  // namespace
}  // namespace understudy::replay
