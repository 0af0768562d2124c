#include "compare/analysis/snapshot_changes.hpp"

#include <gmock/gmock.h>

#include "compare/analysis/blame.hpp"
#include "tests/unit/core/catalog/snapshot/sample_snapshot.hpp"

namespace understudy::compare {
namespace {

using catalog::Property;
using catalog::PropertyList;
using catalog::Snapshot;
using catalog::testing::object;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

Snapshot shop() { return catalog::testing::sample_snapshot(); }

Snapshot with(catalog::SchemaObject more) {
    Snapshot snapshot = shop();
    snapshot.objects.push_back(std::move(more));
    snapshot.sort();
    return snapshot;
}

Blame blame_of(const Snapshot& after) { return Blame(snapshot_changes(shop(), after)); }

Cell failing(const Bytes& relation, const Bytes& sqlstate, const Bytes& constraint = {}) {
    Cell cell;
    cell.divergence.kind = DivergenceKind::error_appeared;
    cell.divergence.sqlstate = sqlstate;
    cell.relations.push_back({"", relation, true});
    cell.error_constraint = constraint;
    cell.cause = Cause::data;
    return cell;
}

TEST(SnapshotChanges, AreWhatTheCapturesCataloguesDoNotHold) {
    const auto policy = object({"policy", "public", "orders", "own"}, {{"using", Bytes("(id > 1)")}});
    EXPECT_THAT(blame_of(with(policy)).of(failing("orders", "42501")), ElementsAre("policy own of orders is new"));
    const auto check = object({"constraint", "public", "orders", "short"},
                              {{"definition", Bytes("CHECK (length(note) < 9)")}, {"type", Bytes("check")}});
    const Cell refused = failing("orders", "23514", "short");
    EXPECT_TRUE(blame_of(with(check)).explains(refused));
    EXPECT_THAT(blame_of(with(check)).of(refused),
                ElementsAre("constraint short of orders is new: CHECK (length(note) < 9)"));
    EXPECT_FALSE(blame_of(with(check)).explains(failing("orders", "23514", "other")));
    Snapshot other_body = shop();
    for (auto& one : other_body.objects) {
        if (one.identity.kind == "function") one.properties[0].value = Bytes("select 2");
    }
    Cell caller;
    caller.functions = {"public.tax"};
    EXPECT_THAT(blame_of(other_body).of(caller), ElementsAre("body of function tax(numeric): select 1 → select 2"));
}

TEST(SnapshotChanges, LeaveOutWhatNobodyNotices) {
    Snapshot after = shop();
    for (auto& one : after.objects) {
        if (one.identity.name == "orders") one.properties.push_back({"comment", Bytes("all of them")});
    }
    after.sort();
    EXPECT_THAT(snapshot_changes(shop(), after), IsEmpty());
    const auto index = object({"index", "public", "orders", "by_note"}, {{"keys", PropertyList{"note"}}});
    EXPECT_THAT(snapshot_changes(shop(), with(index)), IsEmpty());
    // A dropped one is named, and changes no rows.
    const Blame dropped(snapshot_changes(with(index), shop()));
    EXPECT_THAT(dropped.of(failing("orders", "57014")), ElementsAre("index by_note of orders is gone"));
    EXPECT_TRUE(dropped.untouched(failing("orders", "57014")));
}

}  // namespace
}  // namespace understudy::compare
