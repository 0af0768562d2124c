#include "replay/remap/value_rewriter.hpp"

#include "core/base/byte_writer.hpp"
#include "core/pgwire/value_encode.hpp"
#include "tests/unit/replay/remap/remap_fixture.hpp"

namespace understudy::replay {
namespace {

using testing::hash_of;
namespace oid = testing::oid;

const Bytes kUuid = "0b0c0d0e-0000-4000-8000-000000000001";
const Bytes kOtherUuid = "ffffffff-0000-4000-8000-000000000002";

Bytes wire(std::uint32_t type, BytesView text) {
    Bytes bytes;
    EXPECT_TRUE(pgwire::append_binary(type, text, bytes)) << text;
    return bytes;
}

/// An array of one dimension as array_send writes it; no value is NULL.
Bytes wire_array(std::uint32_t element, const std::vector<std::optional<Bytes>>& values) {
    Bytes bytes;
    ByteWriter writer(bytes);
    writer.u32(1);
    writer.u32(1);
    writer.u32(element);
    writer.u32(static_cast<std::uint32_t>(values.size()));
    writer.u32(1);
    for (const auto& value : values) {
        if (!value) {
            writer.i32(-1);
            continue;
        }
        const Bytes cell = wire(element, *value);
        writer.u32(static_cast<std::uint32_t>(cell.size()));
        writer.bytes(cell);
    }
    return bytes;
}

class Rewriter : public ::testing::Test {
protected:
    Rewriter() {
        learn(orders_, oid::int8, "5", "1005");
        learn(orders_, oid::int8, "6", "6");
        learn(orders_, oid::int8, "7", "70000");
        learn(orders_, oid::int8, "8", "3000000000");
        learn(customer_, oid::int8, "5", "55");
        learn(document_, oid::uuid, kUuid, kOtherUuid);
        map_.learn(SessionId(), {orders_, hash_of(oid::int8, "9"), 0, {}});
    }
    void learn(DomainId domain, std::uint32_t type, const Bytes& recorded, const Bytes& target) {
        map_.learn(SessionId(), {domain, hash_of(type, recorded), hash_of(type, target), target});
    }
    /// A text with one value, at the first `?`, which is replaced by `value`.
    std::optional<Bytes> statement(Bytes sql, BytesView value, DomainId domain, bool array = false) {
        const std::size_t at = sql.find('?');
        sql.replace(at, 1, value);
        TextPlan plan{sql, {}, false};
        plan.statements.emplace_back().literals = {{{0, at, value.size(), array}, domain}};
        return values_.statement(plan, [](const Bytes&) { return nullptr; });
    }

    IdentityDomains domains_ = testing::order_domains();
    DomainId customer_ = domains_.of_column(100, 1);
    DomainId orders_ = domains_.of_column(200, 1);
    DomainId document_ = domains_.of_column(300, 1);
    ValueMap map_;
    RemapCounts counts_{domains_.size()};
    ValueRewriter values_{SessionId(1), domains_, map_, testing::test_digester(), counts_};
};

TEST_F(Rewriter, TextIsMappedInItsDomainOnly) {
    EXPECT_EQ(values_.text(orders_, "5"), "1005");
    EXPECT_EQ(values_.text(customer_, "5"), "55");
    EXPECT_EQ(values_.text(customer_, "7"), std::nullopt) << "an equal number of another table";
    EXPECT_EQ(values_.text(orders_, " +005 "), "1005");
    EXPECT_EQ(values_.text(document_, "{0B0C0D0E00004000-8000000000000001}"), kOtherUuid);
    EXPECT_EQ(values_.text(orders_, "5.0"), std::nullopt);
    EXPECT_EQ(values_.text(orders_, ""), std::nullopt);
}

TEST_F(Rewriter, CountsWhatItDidByDomain) {
    for (const char* value : {"5", "5", "6", "77", "9"}) (void)values_.text(orders_, value);
    const RemapReport report = counts_.report(domains_);
    EXPECT_EQ(report.domains.at("orders.id"), (DomainCounts{0, 2, 1, 1, 1, 0}));
    EXPECT_EQ(report.domains.size(), 1U);
    EXPECT_EQ(report.counters().at("remap.changed.orders.id"), 2U);
    EXPECT_EQ(report.counters().count("remap.unfit.orders.id"), 0U);
    EXPECT_NE(report.summary().find("1 of orders.id"), std::string::npos) << report.summary();
    EXPECT_EQ(RemapReport{}.summary(), "");
}

TEST_F(Rewriter, BinaryKeepsTheWidth) {
    for (const std::uint32_t type : {oid::int4, oid::int8, oid::numeric}) {
        EXPECT_EQ(values_.binary(orders_, type, wire(type, "5")), wire(type, "1005")) << type;
    }
    for (const std::uint32_t type : {oid::int2, oid::int4, oid::int8}) {
        EXPECT_EQ(values_.binary(orders_, 0, wire(type, "5")), wire(type, "1005")) << type << " by its width";
    }
    EXPECT_EQ(values_.binary(orders_, oid::int2, wire(oid::int2, "7")), std::nullopt) << "70000 does not fit";
    EXPECT_EQ(values_.binary(orders_, oid::int4, wire(oid::int4, "8")), std::nullopt);
    EXPECT_EQ(counts_.report(domains_).domains.at("orders.id").unfit, 2U);
    EXPECT_EQ(values_.binary(document_, 0, wire(oid::uuid, kUuid)), wire(oid::uuid, kOtherUuid));
    EXPECT_EQ(values_.binary(orders_, oid::text, "5"), "1005");
    EXPECT_EQ(values_.binary(orders_, 0, "xyz"), std::nullopt);
}

TEST_F(Rewriter, ArraysElementByElement) {
    EXPECT_EQ(values_.array_text(orders_, "{5,77, 6,NULL,\"5\", 5 }"), "{1005,77, 6,NULL,\"1005\", 1005}");
    EXPECT_EQ(values_.array_text(orders_, "[2:3]={{5},{7}}"), "[2:3]={{1005},{70000}}");
    EXPECT_EQ(values_.array_text(orders_, "{77}"), std::nullopt);
    EXPECT_EQ(values_.array_text(orders_, "{}"), std::nullopt);
    for (const char* broken : {"", "5", "{5", "{\"5", "{5,", "{\"5\\"}) (void)values_.array_text(orders_, broken);
    for (const std::uint32_t type : {oid::int4, oid::int8}) {
        EXPECT_EQ(values_.array_binary(orders_, wire_array(type, {"5", std::nullopt, "77"})),
                  wire_array(type, {"1005", std::nullopt, "77"}));
    }
    EXPECT_EQ(values_.array_binary(orders_, wire_array(oid::int2, {"5", "7"})), wire_array(oid::int2, {"1005", "7"}));
    EXPECT_EQ(values_.array_binary(document_, wire_array(oid::uuid, {kUuid})), wire_array(oid::uuid, {kOtherUuid}));
    EXPECT_EQ(values_.array_binary(document_, wire_array(oid::text, {kUuid})), wire_array(oid::text, {kOtherUuid}));
    const Bytes whole = wire_array(oid::int4, {"5", "5"});
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const auto other = values_.array_binary(orders_, BytesView(whole).substr(0, size));
        EXPECT_TRUE(!other || size == whole.size() - 8) << size;
    }
}

TEST_F(Rewriter, LiteralsAtTheirPlace) {
    EXPECT_EQ(statement("select * from orders where id = ? -- 5", "5", orders_),
              "select * from orders where id = 1005 -- 5");
    EXPECT_EQ(statement("select ?, 'é'", "'5'", orders_), "select '1005', 'é'");
    EXPECT_EQ(statement("x=?", "- -5", orders_), "x= 1005");
    EXPECT_EQ(statement("x=?", "-5", orders_), std::nullopt);
    EXPECT_EQ(statement("x = any(?)", "'{5,6}'", orders_, true), "x = any('{1005,6}')");
    EXPECT_EQ(statement("id = ?::uuid", "'" + kUuid + "'", document_), "id = '" + kOtherUuid + "'::uuid");
    EXPECT_EQ(statement("id = ?", "$a$" + kUuid + "$a$", document_), "id = '" + kOtherUuid + "'");
    EXPECT_EQ(statement("id = ?", "77", orders_), std::nullopt);
    EXPECT_EQ(statement("id = ?", "B'101'", orders_), std::nullopt);
}

TEST_F(Rewriter, SeveralLiteralsAndThoseOfExecute) {
    const Bytes sql = "execute p(5, 'x', 5); select 7, 5";
    TextPlan plan{sql, {}, false};
    StatementPlan& executes = plan.statements.emplace_back();
    executes.executes = "p";
    executes.arguments = {sql::ValueRef{0, 10, 1}, sql::ValueRef{0, 13, 3}, sql::ValueRef{0, 18, 1}};
    plan.statements.emplace_back().literals = {{{0, 32, 1}, customer_}, {{0, 29, 1}, orders_}};
    const std::vector<MappedParameter> parameters{{orders_}, {}, {customer_}};
    const auto prepared = [&](const Bytes& name) { return name == "p" ? &parameters : nullptr; };
    EXPECT_EQ(values_.statement(plan, prepared), "execute p(1005, 'x', 55); select 70000, 55");
    EXPECT_EQ(values_.statement(plan, [](const Bytes&) { return nullptr; }), "execute p(5, 'x', 5); select 70000, 55");
}

TEST_F(Rewriter, BoundValuesInTheirOwnFormat) {
    pgwire::Bind bind;
    bind.parameter_formats = {0, 1, 0, 1, 0};
    bind.parameters = {"5", wire(oid::int4, "5"), "5", wire_array(oid::int4, {"5"}), std::nullopt};
    const std::vector<MappedParameter> parameters{
        {orders_, false}, {customer_, false}, {0, false}, {orders_, true}, {orders_, false}};
    pgwire::Bind expected = bind;
    expected.parameters = {"1005", wire(oid::int4, "55"), "5", wire_array(oid::int4, {"1005"}), std::nullopt};
    EXPECT_TRUE(values_.bind(bind, parameters, {}));
    EXPECT_EQ(bind, expected);
    EXPECT_FALSE(values_.bind(expected, parameters, {})) << "1005 stands for nothing here";
    pgwire::Bind all_text;
    all_text.parameters = {"5"};
    EXPECT_TRUE(values_.bind(all_text, parameters, {oid::int4}));
    EXPECT_EQ(all_text.parameters[0], "1005");
}

Bytes copied(CopyLayout layout, const CopyMapper& mapper, BytesView data) {
    Bytes whole;
    CopyFields at_once(layout);
    at_once.feed(data, mapper, whole);
    at_once.finish(mapper, whole);
    Bytes in_pieces;
    CopyFields pieces(layout);
    for (const char c : data) pieces.feed(BytesView(&c, 1), mapper, in_pieces);
    pieces.finish(mapper, in_pieces);
    EXPECT_EQ(whole, in_pieces);
    return whole;
}

TEST_F(Rewriter, CopyDataInAllFormats) {
    const std::vector<DomainId> fields{orders_, 0, customer_};
    const CopyMapper mapper(values_, fields);
    EXPECT_EQ(copied({}, mapper, "5\t5\\t5\t5\n\\N\t5\t77\n5\n\\.\n"), "1005\t5\\t5\t55\n\\N\t5\t77\n1005\n\\.\n");
    CopyLayout csv;
    csv.format = sql::CopyUse::Format::csv;
    csv.delimiter = ',';
    csv.null = "";
    csv.header = true;
    EXPECT_EQ(copied(csv, mapper, "5,b,c\r\n5,\"5\n\"\"\",\"5\"\r\n,5,77\r\n"),
              "5,b,c\r\n1005,\"5\n\"\"\",\"55\"\r\n,5,77\r\n");
    CopyLayout binary;
    binary.format = sql::CopyUse::Format::binary;
    const auto row = [](const Bytes& id, const Bytes& other, const Bytes& customer) {
        Bytes bytes;
        ByteWriter writer(bytes);
        writer.u16(3);
        for (const Bytes& value : {id, other, customer}) {
            writer.u32(static_cast<std::uint32_t>(value.size()));
            writer.bytes(value);
        }
        return bytes;
    };
    const Bytes head("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
    const Bytes end("\xff\xff", 2);
    EXPECT_EQ(
        copied(binary, mapper,
               head + row(wire(oid::int8, "5"), "5", wire(oid::int4, "5")) + row("", "", wire(oid::int4, "9")) + end),
        head + row(wire(oid::int8, "1005"), "5", wire(oid::int4, "55")) + row("", "", wire(oid::int4, "9")) + end);
}

}  // namespace
}  // namespace understudy::replay
