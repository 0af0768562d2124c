#include "core/store/record_glance.hpp"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include "capture.pb.h"

namespace understudy::store {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

CodedInputStream stream_of(BytesView bytes) {
    return CodedInputStream(reinterpret_cast<const std::uint8_t*>(bytes.data()), static_cast<int>(bytes.size()));
}

constexpr std::uint32_t tag_of(int field, WireFormatLite::WireType type) {
    return static_cast<std::uint32_t>(field) << 3U | static_cast<std::uint32_t>(type);
}

constexpr std::uint32_t message_tag(int field) { return tag_of(field, WireFormatLite::WIRETYPE_LENGTH_DELIMITED); }

GlancedKind kind_of(std::uint32_t tag) {
    switch (tag) {
        case message_tag(v1::Record::kRequestFieldNumber): return GlancedKind::request;
        case message_tag(v1::Record::kResponseFieldNumber): return GlancedKind::response;
        case message_tag(v1::Record::kRowPartFieldNumber): return GlancedKind::row_part;
        default: return GlancedKind::other;
    }
}

/// Numbers of the same fields in Request and in Response.
struct Fields {
    int since_ns, place, ordinal_step;
};
constexpr Fields kRequestFields{v1::Request::kSinceNsFieldNumber, v1::Request::kPlaceFieldNumber,
                                v1::Request::kOrdinalStepFieldNumber};
constexpr Fields kResponseFields{v1::Response::kSinceNsFieldNumber, v1::Response::kPlaceFieldNumber,
                                 v1::Response::kOrdinalStepFieldNumber};
constexpr int kSessionField = v1::Request::kSessionFieldNumber;
static_assert(kSessionField == int{v1::Response::kSessionFieldNumber} &&
              kSessionField == int{v1::RowPart::kSessionFieldNumber});

}  // namespace

std::optional<RecordGlance> RecordGlance::of(BytesView body) {
    RecordGlance glance;
    CodedInputStream in = stream_of(body);
    glance.kind_ = kind_of(in.ReadTag());
    if (glance.kind_ == GlancedKind::other) return glance;
    std::uint32_t length = 0;
    if (!in.ReadVarint32(&length)) return std::nullopt;
    const auto begin = static_cast<std::size_t>(in.CurrentPosition());
    if (length > body.size() - begin) return std::nullopt;
    if (length < body.size() - begin)
        return RecordGlance();  // more than one kind: whole decoding knows which one counts
    if (!glance.read_fields(body.substr(begin))) return std::nullopt;
    return glance;
}

bool RecordGlance::read_fields(BytesView message) {
    const Fields& fields = kind_ == GlancedKind::request ? kRequestFields : kResponseFields;
    const bool leans = kind_ != GlancedKind::row_part;
    CodedInputStream in = stream_of(message);
    while (const std::uint32_t tag = in.ReadTag()) {
        const int field = WireFormatLite::GetTagFieldNumber(tag);
        const bool number = WireFormatLite::GetTagWireType(tag) == WireFormatLite::WIRETYPE_VARINT;
        if (tag == tag_of(kSessionField, WireFormatLite::WIRETYPE_FIXED64)) {
            if (!in.ReadLittleEndian64(&session_)) return false;
        } else if (leans && number &&
                   (field == fields.since_ns || field == fields.place || field == fields.ordinal_step)) {
            std::uint64_t value = 0;
            if (!in.ReadVarint64(&value)) return false;
            if (field == fields.since_ns) {
                has_since_ns_ = true;
                since_ns_ = WireFormatLite::ZigZagDecode64(value);
            } else if (field == fields.place) {
                place_ = static_cast<std::uint32_t>(value);
            } else {
                ordinal_step_ = WireFormatLite::ZigZagDecode32(static_cast<std::uint32_t>(value));
            }
        } else if (!WireFormatLite::SkipField(&in, tag)) {
            return false;
        }
    }
    return in.ConsumedEntireMessage();
}

}  // namespace understudy::store
