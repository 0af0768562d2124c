#include "core/pgwire/backend_messages.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace understudy::pgwire {
namespace {

FrameView view_of(const Bytes& whole) { return {whole[0], BytesView(whole).substr(5), whole}; }

std::vector<BackendMessage> samples() {
    using Direction = CopyResponse::Direction;
    std::vector<BackendMessage> all{
        Authentication{},
        Authentication{Authentication::md5_password, Bytes("\1\2\3\0", 4)},
        Authentication{Authentication::sasl, Bytes("SCRAM-SHA-256\0\0", 15)},
        BackendKeyData{7, "abcd"},
        BackendKeyData{7, Bytes(256, 'k')},
        ParameterStatus{"TimeZone", "UTC"},
        ReadyForQuery{'T'},
        RowDescription{},
        RowDescription{{{"id", 16384, 1, 23, 4, -1, 1}, {"?column?", 0, 0, 25, -1, 14, 0}}},
        ParameterDescription{{23, 1043}},
        DataRow{},
        DataRow{{"1", std::nullopt, "", Bytes("\0\1", 2)}},
        CommandComplete{"INSERT 0 1"},
        ErrorResponse{{{'S', "ERROR"}, {'C', "42P01"}, {'M', "no such table"}}},
        NoticeResponse{{{'M', ""}}},
        NoticeResponse{},
        NotificationResponse{9, "channel", "payload"},
        CopyResponse{Direction::in, 0, {}},
        CopyResponse{Direction::out, 1, {1, 1}},
        CopyResponse{Direction::both, 0, {0}},
        BackendCopyData{Bytes("\0x", 2)},
        FunctionCallResponse{"result"},
        FunctionCallResponse{},
        NegotiateProtocolVersion{0, {}},
        NegotiateProtocolVersion{2, {"_pq_.a", ""}},
    };
    for (const char tag : {'1', '2', '3', 'n', 'I', 's', 'c'}) all.emplace_back(BareMessage{tag});
    return all;
}

TEST(BackendMessages, every_kind_survives_a_round_trip) {
    for (const BackendMessage& message : samples()) {
        const Bytes bytes = encode_backend(message);
        const auto decoded = decode_backend(view_of(bytes));
        ASSERT_TRUE(decoded) << bytes[0] << ": " << decoded.error().message;
        EXPECT_EQ(*decoded, message) << bytes[0];
        EXPECT_EQ(encode_backend(*decoded), bytes) << bytes[0];
    }
}

TEST(BackendMessages, are_written_as_the_documentation_says) {
    EXPECT_EQ(encode_backend(ReadyForQuery{'I'}), Bytes("Z\0\0\0\5I", 6));
    EXPECT_EQ(encode_backend(DataRow{{"ab", std::nullopt}}), Bytes("D\0\0\0\x10\0\2\0\0\0\2ab\xff\xff\xff\xff", 17));
    EXPECT_EQ(encode_backend(ErrorResponse{{{'C', "x"}}}), Bytes("E\0\0\0\x08"
                                                                 "Cx\0\0",
                                                                 9));
    EXPECT_EQ(encode_backend(CopyResponse{CopyResponse::Direction::out, 1, {1}}), Bytes("H\0\0\0\x09\1\0\1\0\1", 10));
    EXPECT_EQ(encode_backend(RowDescription{{{"a", 1, 2, 3, 4, -1, 1}}}),
              Bytes("T\0\0\0\x1a\0\1a\0\0\0\0\1\0\2\0\0\0\3\0\4\xff\xff\xff\xff\0\1", 27));
}

TEST(BackendMessages, refuse_bodies_that_are_short_or_long) {
    for (const BackendMessage& message : samples()) {
        const Bytes bytes = encode_backend(message);
        if (bytes[0] == 'd' || bytes[0] == 'R' || bytes[0] == 'K') continue;  // their ends are free
        FrameView longer = view_of(bytes);
        const Bytes body = Bytes(longer.body) + 'x';
        longer.body = body;
        EXPECT_FALSE(decode_backend(longer)) << bytes[0];
        for (std::size_t size = 0; size + 5 < bytes.size(); ++size) {
            FrameView shorter = view_of(bytes);
            shorter.body = shorter.body.substr(0, size);
            const auto decoded = decode_backend(shorter);
            ASSERT_FALSE(decoded) << bytes[0] << size;
            EXPECT_EQ(decoded.error().code, Errc::malformed);
        }
    }
}

Errc error_of(char tag, BytesView body) {
    const auto decoded = decode_backend({tag, body, {}});
    EXPECT_FALSE(decoded) << tag;
    return decoded ? Errc::io : decoded.error().code;
}

TEST(BackendMessages, refuse_counts_and_lengths_that_do_not_fit) {
    EXPECT_EQ(error_of('T', BytesView("\xff\xff", 2)), Errc::malformed);
    EXPECT_EQ(error_of('t', BytesView("\xff\xff\0\0\0\1", 6)), Errc::malformed);
    EXPECT_EQ(error_of('D', BytesView("\0\1\x7f\xff\xff\xff", 6)), Errc::malformed);
    EXPECT_EQ(error_of('D', BytesView("\0\1\xff\xff\xff\xfe", 6)), Errc::malformed);
    EXPECT_EQ(error_of('v', BytesView("\0\0\0\0\xff\xff\xff\xff", 8)), Errc::malformed);
    EXPECT_EQ(error_of('K', BytesView("\0\0\0\1abc", 7)), Errc::malformed);
    EXPECT_EQ(error_of('K', Bytes(4 + 257, 'k')), Errc::malformed);
    EXPECT_EQ(error_of('Z', "x"), Errc::malformed);
    EXPECT_EQ(error_of('Q', ""), Errc::unsupported);
}

TEST(BackendMessages, hold_at_most_as_many_error_fields_as_there_are_letters) {
    ServerFields fields(255, {'M', "x"});
    EXPECT_TRUE(decode_backend(view_of(encode_backend(ErrorResponse{fields}))));
    fields.emplace_back('M', "x");
    const Bytes bytes = encode_backend(ErrorResponse{fields});
    EXPECT_FALSE(decode_backend(view_of(bytes)));
}

TEST(ServerFields, are_found_by_their_letter) {
    const Bytes bytes = encode_backend(samples()[13]);
    const auto fields = decode_server_fields(view_of(bytes).body);
    ASSERT_TRUE(fields);
    EXPECT_EQ(field(*fields, 'C'), "42P01");
    EXPECT_EQ(field(*fields, 'H'), "");
    EXPECT_FALSE(decode_server_fields("C42P01"));
}

TEST(DescriptionBodies, decode_without_their_frame) {
    const RowDescription rows{{{"id", 16384, 1, 23, 4, -1, 1}}};
    const ParameterDescription parameters{{23}};
    const Bytes row_bytes = encode_backend(rows);
    const Bytes parameter_bytes = encode_backend(parameters);
    EXPECT_EQ(decode_row_description(view_of(row_bytes).body).value(), rows);
    EXPECT_EQ(decode_parameter_description(view_of(parameter_bytes).body).value(), parameters);
    EXPECT_FALSE(decode_row_description(""));
    EXPECT_FALSE(decode_parameter_description(""));
}

TEST(ForEachCell, shows_the_values_of_a_row_in_order) {
    const DataRow row{{"one", std::nullopt, ""}};
    const Bytes bytes = encode_backend(row);
    DataRow seen;
    EXPECT_TRUE(for_each_cell(view_of(bytes).body, [&](std::size_t index, std::optional<BytesView> value) {
        EXPECT_EQ(index, seen.values.size());
        seen.values.push_back(value ? std::optional<Bytes>(*value) : std::nullopt);
    }));
    EXPECT_EQ(seen, row);
}

TEST(ForEachCell, says_when_a_row_is_damaged) {
    const auto ignore = [](std::size_t, std::optional<BytesView>) {};
    EXPECT_FALSE(for_each_cell("", ignore));
    EXPECT_FALSE(for_each_cell(BytesView("\0\1\0\0\0\2a", 7), ignore));
    EXPECT_FALSE(for_each_cell(BytesView("\0\1\xff\xff\xff\xfe", 6), ignore));
    EXPECT_FALSE(for_each_cell(BytesView("\0\0x", 3), ignore));
}

}  // namespace
}  // namespace understudy::pgwire
