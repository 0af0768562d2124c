#include "core/pgwire/frontend_messages.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace understudy::pgwire {
namespace {

FrameView view_of(const Bytes& whole) { return {whole[0], BytesView(whole).substr(5), whole}; }

std::vector<FrontendMessage> samples() {
    const Bytes binary("\0\xff\n", 3);
    return {
        Parse{"", "select 1", {}},
        Parse{"s1", "select $1, $2", {23, 0}},
        Bind{"", "s1", {}, {}, {}},
        Bind{"p", "s1", {0, 1}, {"42", binary}, {1}},
        Bind{"p", "s1", {1}, {std::nullopt, ""}, {0, 1, 0}},
        Describe{Target::statement, "s1"},
        Describe{Target::portal, ""},
        Execute{"p", 100},
        Close{Target::portal, "p"},
        Query{"begin; commit"},
        FunctionCall{1598, {1}, {binary, std::nullopt}, 1},
        CopyData{binary},
        CopyData{""},
        CopyDone{},
        CopyFail{"no more"},
        PasswordMessage{"md5\0more"},
        Flush{},
        Sync{},
        Terminate{},
    };
}

TEST(FrontendMessages, every_kind_survives_a_round_trip) {
    for (const FrontendMessage& message : samples()) {
        const Bytes bytes = encode_frontend(message);
        const auto decoded = decode_frontend(view_of(bytes));
        ASSERT_TRUE(decoded) << bytes[0] << ": " << decoded.error().message;
        EXPECT_EQ(*decoded, message) << bytes[0];
        EXPECT_EQ(encode_frontend(*decoded), bytes) << bytes[0];
    }
}

TEST(FrontendMessages, are_written_as_the_documentation_says) {
    EXPECT_EQ(encode_frontend(Sync{}), Bytes("S\0\0\0\4", 5));
    EXPECT_EQ(encode_frontend(Query{"x"}), Bytes("Q\0\0\0\6x\0", 7));
    EXPECT_EQ(encode_frontend(Describe{Target::portal, "p"}), Bytes("D\0\0\0\7Pp\0", 8));
    EXPECT_EQ(encode_frontend(Parse{"s", "q", {23}}), Bytes("P\0\0\0\x0es\0q\0\0\1\0\0\0\x17", 15));
    EXPECT_EQ(encode_frontend(Bind{"", "s", {1}, {"v", std::nullopt}, {}}),
              Bytes("B\0\0\0\x18\0s\0\0\1\0\1\0\2\0\0\0\1v\xff\xff\xff\xff\0\0", 25));
}

TEST(FrontendMessages, are_appended_to_what_is_there) {
    Bytes out = encode_frontend(Flush{});
    encode_frontend_to(out, Sync{});
    EXPECT_EQ(out, Bytes("H\0\0\0\4S\0\0\0\4", 10));
}

/// A body of one byte less or more fits no message that has a form.
TEST(FrontendMessages, refuse_bodies_that_are_short_or_long) {
    for (const FrontendMessage& message : samples()) {
        const Bytes bytes = encode_frontend(message);
        if (bytes[0] == 'd' || bytes[0] == 'p') continue;  // their bodies are free
        FrameView longer = view_of(bytes);
        const Bytes body = Bytes(longer.body) + 'x';
        longer.body = body;
        EXPECT_FALSE(decode_frontend(longer)) << bytes[0];
        for (std::size_t size = 0; size + 5 < bytes.size(); ++size) {
            FrameView shorter = view_of(bytes);
            shorter.body = shorter.body.substr(0, size);
            const auto decoded = decode_frontend(shorter);
            ASSERT_FALSE(decoded) << bytes[0] << size;
            EXPECT_EQ(decoded.error().code, Errc::malformed);
        }
    }
}

Errc error_of(char tag, BytesView body) {
    const auto decoded = decode_frontend({tag, body, {}});
    EXPECT_FALSE(decoded) << tag;
    return decoded ? Errc::io : decoded.error().code;
}

TEST(FrontendMessages, refuse_counts_lengths_and_targets_that_do_not_fit) {
    EXPECT_EQ(error_of('P', BytesView("\0\0\xff\xff", 4)), Errc::malformed);
    EXPECT_EQ(error_of('B', BytesView("\0\0\0\0\xff\xff\0\0", 8)), Errc::malformed);
    EXPECT_EQ(error_of('B', BytesView("\0\0\0\0\0\1\xff\xff\xff\xfe\0\0", 12)),
              Errc::malformed);  // length -2
    EXPECT_EQ(error_of('B', BytesView("\0\0\0\0\0\1\x7f\xff\xff\xff\0\0", 12)), Errc::malformed);
    EXPECT_EQ(error_of('D', BytesView("Xs\0", 3)), Errc::malformed);
    EXPECT_EQ(error_of('S', "x"), Errc::malformed);
    EXPECT_EQ(error_of('?', ""), Errc::unsupported);
}

TEST(FrontendViews, show_the_parts_without_copying) {
    const Bytes parse = encode_frontend(Parse{"s1", "select $1", {23}});
    const auto parsed = view_parse(view_of(parse).body);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->statement, "s1");
    EXPECT_EQ(parsed->sql, "select $1");
    EXPECT_EQ(parsed->sql.data(), parse.data() + 8);
    EXPECT_EQ(parsed->parameter_types, BytesView("\0\0\0\x17", 4));

    const Bytes bind = encode_frontend(Bind{"p", "s1", {1}, {"x", std::nullopt}, {0, 1}});
    const auto bound = view_bind(view_of(bind).body);
    ASSERT_TRUE(bound);
    EXPECT_EQ(bound->portal, "p");
    EXPECT_EQ(bound->statement, "s1");
    EXPECT_EQ(bound->result_formats, BytesView("\0\0\0\1", 4));
}

TEST(FrontendViews, name_the_object_of_describe_close_and_execute) {
    const auto name_of = [](const FrontendMessage& message) {
        const Bytes bytes = encode_frontend(message);
        const auto view = view_name(view_of(bytes));
        return view ? std::pair(view->target, Bytes(view->name)) : std::pair('?', Bytes());
    };
    EXPECT_EQ(name_of(Describe{Target::statement, "s"}), std::pair('S', Bytes("s")));
    EXPECT_EQ(name_of(Close{Target::portal, "p"}), std::pair('P', Bytes("p")));
    EXPECT_EQ(name_of(Execute{"p", 5}), std::pair('\0', Bytes("p")));
    EXPECT_EQ(name_of(Sync{}), std::pair('?', Bytes()));
}

TEST(FrontendViews, refuse_exactly_what_decoding_refuses) {
    for (const FrontendMessage& message : samples()) {
        const Bytes bytes = encode_frontend(message);
        for (std::size_t size = 0; size + 5 <= bytes.size(); ++size) {
            const FrameView frame{bytes[0], BytesView(bytes).substr(5, size), {}};
            const bool decodes = decode_frontend(frame).has_value();
            if (frame.tag == 'P') {
                EXPECT_EQ(view_parse(frame.body).has_value(), decodes);
            } else if (frame.tag == 'B') {
                EXPECT_EQ(view_bind(frame.body).has_value(), decodes);
            } else if (frame.tag == 'D' || frame.tag == 'C' || frame.tag == 'E') {
                EXPECT_EQ(view_name(frame).has_value(), decodes);
            }
        }
    }
}

}  // namespace
}  // namespace understudy::pgwire
