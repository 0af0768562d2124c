// What decodes is encoded to the same bytes, and the views accept and show what decoding does.

#include <cstdint>

#include "core/pgwire/frontend_messages.hpp"

namespace {

using namespace understudy;
using namespace understudy::pgwire;

void check_views(const FrameView& frame, const Result<FrontendMessage>& decoded) {
    if (frame.tag == 'P') {
        const auto view = view_parse(frame.body);
        UNDERSTUDY_ASSERT(view.has_value() == decoded.has_value());
        if (!view) return;
        const auto& parse = std::get<Parse>(*decoded);
        UNDERSTUDY_ASSERT(view->statement == parse.statement && view->sql == parse.sql);
        UNDERSTUDY_ASSERT(view->parameter_types.size() == parse.parameter_types.size() * 4);
    } else if (frame.tag == 'B') {
        const auto view = view_bind(frame.body);
        UNDERSTUDY_ASSERT(view.has_value() == decoded.has_value());
        if (!view) return;
        const auto& bind = std::get<Bind>(*decoded);
        UNDERSTUDY_ASSERT(view->portal == bind.portal && view->statement == bind.statement);
        UNDERSTUDY_ASSERT(view->result_formats.size() == bind.result_formats.size() * 2);
    } else if (frame.tag == 'D' || frame.tag == 'C' || frame.tag == 'E') {
        UNDERSTUDY_ASSERT(view_name(frame).has_value() == decoded.has_value());
    } else {
        UNDERSTUDY_ASSERT(!view_name(frame));
    }
}

}  // namespace

/// The input: a tag and a body.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const BytesView input(reinterpret_cast<const char*>(data), size);
    const FrameView frame{input[0], input.substr(1), {}};
    const auto decoded = decode_frontend(frame);
    check_views(frame, decoded);
    if (!decoded) return 0;
    const Bytes encoded = encode_frontend(*decoded);
    UNDERSTUDY_ASSERT(encoded.size() == size + 4);
    UNDERSTUDY_ASSERT(encoded[0] == frame.tag && BytesView(encoded).substr(5) == frame.body);
    return 0;
}
