#include "core/exchange/result_digest.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <fstream>
#include <iterator>
#include <thread>

#include "core/model/digest_mix.hpp"
#include "tests/support/throwaway_cluster.hpp"

namespace understudy {
namespace {

using pgwire::ValueClass;

TEST(DigestKeyTest, SavesAndLoads) {
    const testing::TemporaryDirectory directory;
    const std::string path = directory.file("a.key");
    const DigestKey key = DigestKey::generate();
    ASSERT_TRUE(key.save(path).has_value());
    struct stat status {};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    const auto loaded = DigestKey::load(path);
    ASSERT_TRUE(loaded.has_value());
    EXPECT_EQ(loaded->bytes(), key.bytes());
    EXPECT_EQ(loaded->id(), key.id());
    EXPECT_EQ(key.id().size(), 16U);
    EXPECT_NE(DigestKey::generate().id(), key.id());
}

TEST(DigestKeyTest, DoesNotOverwrite) {
    const testing::TemporaryDirectory directory;
    const std::string path = directory.file("a.key");
    const DigestKey first = DigestKey::generate();
    ASSERT_TRUE(first.save(path).has_value());
    const auto again = DigestKey::generate().save(path);
    ASSERT_FALSE(again.has_value());
    EXPECT_EQ(again.error().code, Errc::io);
    EXPECT_EQ(DigestKey::load(path)->bytes(), first.bytes());
    EXPECT_EQ(first.save(directory.file("no/such/folder")).error().code, Errc::io);
}

TEST(DigestKeyTest, LoadErrors) {
    const testing::TemporaryDirectory directory;
    const std::string path = directory.file("a.key");
    EXPECT_EQ(DigestKey::load(path).error().code, Errc::io);
    ASSERT_TRUE(DigestKey::generate().save(path).has_value());
    std::ifstream file(path);
    const std::string good((std::istreambuf_iterator<char>(file)), {});
    const auto load = [&](const std::string& content) {
        std::ofstream(path) << content;
        return DigestKey::load(path);
    };
    EXPECT_TRUE(load(good).has_value());
    const std::string line = good.substr(0, good.size() - 1);
    for (const std::string& bad :
         {std::string(), std::string("\n"), line.substr(0, line.size() - 1), line.substr(0, line.size() - 2),
          line + "0", line + "00", line + "x", "x" + line, line.substr(0, line.size() - 1) + "g"}) {
        const auto loaded = load(bad);
        ASSERT_FALSE(loaded.has_value()) << bad;
        EXPECT_EQ(loaded.error().code, Errc::malformed) << bad;
    }
    EXPECT_EQ(load(good).value().save(directory.file("b.key")).has_value(), true);
    ::chmod(path.c_str(), 0640);
    EXPECT_EQ(DigestKey::load(path).error().code, Errc::refused);
}

TEST(DigesterTest, CellsDependOnKeyClassAndValue) {
    const Digester one(DigestKey({1}));
    const Digester other(DigestKey({2}));
    EXPECT_EQ(one.cell(ValueClass::text, "a"), Digester(DigestKey({1})).cell(ValueClass::text, "a"));
    EXPECT_NE(one.cell(ValueClass::text, "a"), other.cell(ValueClass::text, "a"));
    EXPECT_NE(one.cell(ValueClass::text, "1"), one.cell(ValueClass::number, "1"));
    EXPECT_NE(one.cell(ValueClass::text, "a"), one.cell(ValueClass::text, "b"));
    EXPECT_NE(one.cell(ValueClass::text, ""), one.null_cell());
    EXPECT_NE(one.bytes("a"), one.cell(ValueClass::opaque_binary, "a"));
    EXPECT_NE(one.null_cell(), other.null_cell());
}

ResultDigest digest_of(const std::vector<std::vector<std::uint64_t>>& rows) {
    ResultDigest digest;
    DigestAccumulator accumulator;
    for (const auto& row : rows) {
        accumulator.begin_row();
        for (std::size_t i = 0; i < row.size(); ++i) accumulator.add_cell(i, row[i], digest);
        accumulator.end_row(digest);
    }
    return digest;
}

TEST(DigesterTest, LearnsTypesWhileOthersRead) {
    Digester digester(DigestKey::generate());
    const Digester copy = digester;
    std::atomic<bool> over = false;
    std::thread reader([&] {
        while (!over) {
            for (const std::uint32_t oid : {20'000U, 20'999U}) {
                const auto* type = copy.user_types().find(oid);
                EXPECT_TRUE(type == nullptr || type->kind == pgwire::TypeStructure::Kind::text);
            }
        }
    });
    for (std::uint32_t oid = 20'000; oid < 21'000; oid += 111) {
        pgwire::UserTypes types;
        types.add(oid, {pgwire::TypeStructure::Kind::text});
        digester.learn(types);
    }
    over = true;
    reader.join();
    EXPECT_NE(copy.user_types().find(20'000), nullptr);
    EXPECT_NE(copy.user_types().find(20'999), nullptr);
    EXPECT_EQ(copy.user_types().find(20'001), nullptr);
}

TEST(DigestMix, OrderedAndMultiset) {
    const ResultDigest one = digest_of({{1, 2}, {3, 4}});
    const ResultDigest turned = digest_of({{3, 4}, {1, 2}});
    EXPECT_NE(one.ordered, turned.ordered);
    EXPECT_EQ(one.multiset, turned.multiset);
    EXPECT_EQ(one.columns, turned.columns);
    const ResultDigest moved = digest_of({{2, 1}, {3, 4}});  // cells change places in a row
    EXPECT_NE(one.multiset, moved.multiset);
    const ResultDigest crossed = digest_of({{1, 4}, {3, 2}});  // the columns' sums are the same
    EXPECT_EQ(one.columns, crossed.columns);
    EXPECT_NE(one.multiset, crossed.multiset);
    EXPECT_NE(digest_of({{1, 2}}).multiset, digest_of({{1, 2}, {1, 2}}).multiset);
    EXPECT_NE(digest_of({{}}).ordered, digest_of({{}, {}}).ordered);
}

TEST(DigestMix, DerivedFromCellsAsAccumulated) {
    ResultDigest digest = digest_of({{1, 2, 3}, {4, 5, 6}});
    ResultDigest derived;
    derived.cells = {1, 2, 3, 4, 5, 6};
    derive_from_cells(derived, 2);
    digest.cells = derived.cells;
    EXPECT_EQ(derived, digest);
}

TEST(DigestMix, CellsThatMakeNoWholeRowsDeriveNothing) {
    for (const std::uint64_t rows : {std::uint64_t{0}, std::uint64_t{2}, std::uint64_t{4}, UINT64_MAX}) {
        ResultDigest digest;
        digest.cells = {1, 2, 3};
        digest.ordered = 77;
        const ResultDigest before = digest;
        derive_from_cells(digest, rows);
        EXPECT_EQ(digest, before) << rows;
    }
}

}  // namespace
}  // namespace understudy
