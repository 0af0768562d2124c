// What decodes is encoded to the same bytes, and a row shows its cells whichever way it is read.

#include <cstdint>

#include "core/pgwire/backend_messages.hpp"

namespace {

using namespace understudy;
using namespace understudy::pgwire;

void check_cells(BytesView body, const Result<BackendMessage>& decoded) {
    DataRow row;
    const bool whole = for_each_cell(body, [&](std::size_t index, std::optional<BytesView> value) {
        UNDERSTUDY_ASSERT(index == row.values.size());
        row.values.push_back(value ? std::optional<Bytes>(*value) : std::nullopt);
    });
    UNDERSTUDY_ASSERT(whole == decoded.has_value());
    UNDERSTUDY_ASSERT(!whole || row == std::get<DataRow>(*decoded));
}

void check_fields(BytesView body, const Result<BackendMessage>& decoded) {
    const auto fields = decode_server_fields(body);
    UNDERSTUDY_ASSERT(fields.has_value() == decoded.has_value());
    if (fields && !fields->empty()) UNDERSTUDY_ASSERT(field(*fields, fields->front().first) == fields->front().second);
}

}  // namespace

/// The input: a tag and a body.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const BytesView input(reinterpret_cast<const char*>(data), size);
    const FrameView frame{input[0], input.substr(1), {}};
    const auto decoded = decode_backend(frame);
    if (frame.tag == 'D') check_cells(frame.body, decoded);
    if (frame.tag == 'E' || frame.tag == 'N') check_fields(frame.body, decoded);
    if (frame.tag == 'T') UNDERSTUDY_ASSERT(decode_row_description(frame.body).has_value() == decoded.has_value());
    if (frame.tag == 't')
        UNDERSTUDY_ASSERT(decode_parameter_description(frame.body).has_value() == decoded.has_value());
    if (!decoded) return 0;
    const Bytes encoded = encode_backend(*decoded);
    UNDERSTUDY_ASSERT(encoded.size() == size + 4);
    UNDERSTUDY_ASSERT(encoded[0] == frame.tag && BytesView(encoded).substr(5) == frame.body);
    return 0;
}
