#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "schema/fidelity/difference.hpp"
#include "schema/fidelity/distances.hpp"
#include "schema/fidelity/setting_classes.hpp"

namespace understudy::schema::fidelity {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

catalog::SchemaObject object(const Bytes& kind, const Bytes& relation, const Bytes& name,
                             std::vector<catalog::Property> properties) {
    return {{kind, kind == "database" || kind.starts_with("setting") ? "" : "public", relation, name},
            std::move(properties)};
}

Environment server() {
    Environment made;
    made.facts = {{"major version", "15"}, {"minor version", "15.6"}, {"standbys", "0"}, {"processors", "8"}};
    made.settings = {{"TimeZone", "UTC", "configuration file"}, {"work_mem", "4096 kB", "default"}};
    made.roles = {{"app", {"login"}, {}}};
    made.tables = {{"public", "orders", 1000, 2U << 20U, 1U << 20U, 0.01, 0}};
    made.columns = {{"public", "orders", "state", 0, 3, {0.6, 0.3, 0.1}, {"aa", "bb", "cc"}, {}, std::nullopt, 0.1}};
    made.sequences = {{"public", "orders_id_seq", 10, false}};
    made.schema.server_version = 150006;
    made.schema.objects = {object("database", "", "", {{"encoding", "UTF8"}}),
                           object("relation", "", "orders",
                                  {{"kind", "table"}, {"owner", "app"}, {"columns", catalog::PropertyList{"id"}}}),
                           object("column", "orders", "id", {{"type", "integer"}})};
    made.keyed = true;
    made.key_id = "1";
    made.schema.sort();
    made.sort();
    return made;
}

struct Found {
    DifferenceClass what;
    Bytes attribute;
    bool operator==(const Found&) const = default;
};

std::vector<Found> differences(Environment staging, const ComparisonSettings& settings = {}) {
    staging.sort();
    staging.schema.sort();
    std::vector<Found> found;
    for (const Difference& one : compare(server(), staging, settings).differences) {
        found.push_back({one.what, one.attribute});
    }
    return found;
}

void set_fact(Environment& of, BytesView name, const Bytes& value) {
    for (Fact& fact : of.facts) {
        if (fact.name == name) fact.value = value;
    }
}

constexpr auto kGate = DifferenceClass::gate;
constexpr auto kWarning = DifferenceClass::warning;
constexpr auto kLatency = DifferenceClass::latency;
constexpr auto kNote = DifferenceClass::note;

TEST(FidelityCompare, IdenticalServersGiveNone) {
    const Comparison comparison = compare(server(), server());
    EXPECT_THAT(comparison.differences, IsEmpty());
    EXPECT_THAT(comparison.not_known, IsEmpty());
    EXPECT_GT(comparison.compared, 10U);
}

TEST(FidelityCompare, VersionsAndHardware) {
    Environment other = server();
    set_fact(other, "major version", "16");
    set_fact(other, "minor version", "16.1");
    EXPECT_THAT(differences(other), ElementsAre(Found{kGate, "major version"}));
    other = server();
    set_fact(other, "minor version", "15.2");
    EXPECT_THAT(differences(other), ElementsAre(Found{kWarning, "minor version"}));
    other = server();
    set_fact(other, "standbys", "2");
    EXPECT_THAT(differences(other), ElementsAre(Found{kWarning, "replication"}));
    other = server();
    set_fact(other, "processors", "2");
    EXPECT_THAT(differences(other), ElementsAre(Found{kLatency, "hardware"}));
}

TEST(FidelityCompare, WhatOneSideDoesNotTellIsNotKnown) {
    Environment other = server();
    other.facts.erase(other.facts.begin());  // the major version
    const Comparison comparison = compare(server(), other);
    EXPECT_THAT(comparison.differences, IsEmpty());
    ASSERT_EQ(comparison.not_known.size(), 1U);
    EXPECT_EQ(comparison.not_known[0].what, "major version");
}

TEST(FidelityCompare, SettingsByWhatTheyDecide) {
    Environment other = server();
    other.settings[0].value = "Asia/Tokyo";
    EXPECT_THAT(differences(other), ElementsAre(Found{kGate, "settings"}));
    other = server();
    other.settings[1].value = "8192 kB";
    EXPECT_THAT(differences(other), ElementsAre(Found{kLatency, "memory and planner settings"}));
}

TEST(FidelityCompare, ASettingThatTheAskingRoleHidesIsNotKnown) {
    Environment other = server();
    other.settings[0] = {"TimeZone", "Asia/Tokyo", "user"};
    const Comparison comparison = compare(server(), other);
    EXPECT_THAT(comparison.differences, IsEmpty());
    EXPECT_EQ(comparison.not_known.size(), 1U);
}

TEST(FidelityCompare, ASettingOfTheDatabaseThatComesToTheSameIsANote) {
    Environment other = server();
    other.settings[0].source = "database";
    other.schema.objects.push_back(object("setting", "", "TimeZone", {{"value", "UTC"}}));
    EXPECT_THAT(differences(other), ElementsAre(Found{kNote, "settings of logs and places"}));
    other.settings[0].value = "Asia/Tokyo";
    EXPECT_THAT(differences(other), ElementsAre(Found{kGate, "settings"}));
}

TEST(FidelityCompare, DefaultsOfAnotherMajorVersionAreOneNote) {
    Environment other = server();
    set_fact(other, "major version", "16");
    other.settings[1].value = "8192 kB";
    EXPECT_THAT(differences(other),
                ElementsAre(Found{kGate, "major version"}, Found{kNote, "defaults of the versions"}));
}

TEST(FidelityCompare, ObjectsByWhatDiffers) {
    const auto with = [](const Bytes& kind, const Bytes& relation, const Bytes& name, const Bytes& property,
                         const Bytes& value) {
        Environment other = server();
        for (catalog::SchemaObject& one : other.schema.objects) {
            if (one.identity.kind != kind || one.identity.name != name || one.identity.relation != relation) continue;
            std::erase_if(one.properties, [&](const catalog::Property& p) { return p.name == property; });
            one.properties.push_back({property, value});
        }
        return differences(other);
    };
    EXPECT_THAT(with("relation", "", "orders", "owner", "dba"), ElementsAre(Found{kGate, "owners"}));
    EXPECT_THAT(with("relation", "", "orders", "access", "x"), ElementsAre(Found{kGate, "grants"}));
    EXPECT_THAT(with("relation", "", "orders", "row security", "yes"), ElementsAre(Found{kGate, "row security"}));
    EXPECT_THAT(with("relation", "", "orders", "comment", "hello"), ElementsAre(Found{kNote, "comments"}));
    EXPECT_THAT(with("relation", "", "orders", "options", "fillfactor=70"),
                ElementsAre(Found{kLatency, "storage options"}));
    EXPECT_THAT(with("column", "orders", "id", "type", "bigint"), ElementsAre(Found{kGate, "schema"}));
    EXPECT_THAT(with("database", "", "", "encoding", "LATIN1"), ElementsAre(Found{kGate, "encoding"}));
    EXPECT_THAT(with("database", "", "", "locale provider", "icu"), ElementsAre(Found{kGate, "collation"}));
}

TEST(FidelityCompare, ObjectsOfOneSide) {
    Environment other = server();
    other.schema.objects.push_back(object("extension", "", "pg_trgm", {{"version", "1.6"}}));
    EXPECT_THAT(differences(other), ElementsAre(Found{kGate, "extensions"}));
    other = server();
    other.schema.objects.push_back(
        object("relation", "", "orders_2026", {{"kind", "table"}, {"partition bound", "FOR VALUES IN (1)"}}));
    EXPECT_THAT(differences(other), ElementsAre(Found{kWarning, "partitions"}));
    other = server();
    other.schema.objects.push_back(object("policy", "orders", "mine", {{"using", "true"}}));
    EXPECT_THAT(differences(other), ElementsAre(Found{kGate, "row security"}));
}

TEST(FidelityCompare, ARoleOfTheRecordingMustBeThere) {
    Environment other = server();
    other.roles.clear();
    EXPECT_THAT(differences(other), ElementsAre(Found{kWarning, "roles"}));
    EXPECT_THAT(differences(other, {{"app"}}), ElementsAre(Found{kGate, "roles"}));
    other = server();
    other.roles[0].traits = {"login", "superuser"};
    EXPECT_THAT(differences(other), ElementsAre(Found{kGate, "roles"}));
}

TEST(FidelityCompare, CountsSizesAndBloat) {
    Environment other = server();
    other.tables[0].rows = 300;
    other.tables[0].bytes = 1U << 20U;
    EXPECT_THAT(differences(other), ElementsAre(Found{kWarning, "row counts"}));
    other = server();
    other.tables[0].dead_share = 0.4;
    EXPECT_THAT(differences(other), ElementsAre(Found{kWarning, "bloat"}));
    other = server();
    other.tables[0].bytes *= 8;
    EXPECT_THAT(differences(other), ElementsAre(Found{kWarning, "bloat"}, Found{kWarning, "sizes"}));
    other = server();
    other.tables[0].rows = -1;
    EXPECT_THAT(differences(other), IsEmpty());
    EXPECT_EQ(compare(server(), other).not_known.size(), 1U);
}

TEST(FidelityCompare, TheSameFrequenciesOfOtherValuesAreSeenWithAKeyOnly) {
    Environment other = server();
    other.columns[0].common_digests = {"dd", "ee", "ff"};
    EXPECT_THAT(differences(other), ElementsAre(Found{kWarning, "statistics"}));
    other.key_id = "2";
    EXPECT_THAT(differences(other), IsEmpty());
    EXPECT_EQ(compare(server(), other).not_known.size(), 1U);
}

TEST(FidelityCompare, Sequences) {
    Environment other = server();
    other.sequences[0].used_permille = 700;
    EXPECT_THAT(differences(other), ElementsAre(Found{kWarning, "sequence headroom"}));
    other = server();
    other.sequences[0].behind = true;
    EXPECT_THAT(differences(other), ElementsAre(Found{kWarning, "sequence headroom"}));
}

TEST(FidelityDistances, AreZeroForEqualsAndOneAtMost) {
    EXPECT_EQ(profile_distance({0.5, 0.5}, {0.5, 0.5}), 0);
    EXPECT_DOUBLE_EQ(profile_distance({1}, {}), 0.5);
    EXPECT_DOUBLE_EQ(value_distance({0.6, 0.2}, {"a", "b"}, {0.2, 0.6}, {"a", "b"}), 0.4);
    EXPECT_DOUBLE_EQ(value_distance({0.6, 0.2}, {"a", "b"}, {0.6, 0.2}, {"b", "a"}), 0.4);
    // What only one list has may be just below the other's last.
    EXPECT_DOUBLE_EQ(value_distance({0.5, 0.2}, {"a", "b"}, {0.5, 0.2}, {"a", "c"}), 0);
    EXPECT_DOUBLE_EQ(position_distance({0.1, 0.5}, {0.1, 0.9}), 0.4);
}

TEST(SettingClasses, AreByNameInAnyCase) {
    EXPECT_EQ(class_of_setting("TimeZone"), SettingClass::result);
    EXPECT_EQ(class_of_setting("statement_timeout"), SettingClass::timeout);
    EXPECT_EQ(class_of_setting("shared_buffers"), SettingClass::speed);
    EXPECT_EQ(class_of_setting("pg_trgm.similarity_threshold"), SettingClass::result);
    EXPECT_EQ(class_of_setting("auto_explain.log_min_duration"), SettingClass::ignored);
    EXPECT_EQ(class_of_setting("log_statement"), SettingClass::ignored);
    EXPECT_EQ(class_of_setting("something_of_version_23"), SettingClass::unknown);
}

}  // namespace
}  // namespace understudy::schema::fidelity
