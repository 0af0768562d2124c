#include "capture.pb.h"
#include "core/store/capture_codec.hpp"

namespace understudy::store {

Bytes encode_header(const CaptureHeader& from, const std::optional<SealedKeys>& keys) {
    v1::Header to;
    to.set_source(from.source);
    to.set_tool_version(from.tool_version);
    to.set_created_ns(from.created.ns());
    to.set_policy(static_cast<std::uint32_t>(from.policy));
    to.set_key_id(from.key_id);
    to.set_server_version(from.server_version);
    to.set_system_identifier(from.system_identifier);
    to.set_wal_position(from.wal_position);
    to.set_clock_uncertainty_ns(from.clock_uncertainty_ns);
    to.set_description(from.description);
    to.set_replayed_system_identifier(from.replayed_system_identifier);
    to.set_results_unknown(from.results_unknown);
    to.set_redacted(from.redacted);
    if (keys) {
        auto& encryption = *to.mutable_encryption();
        encryption.set_recipient(keys->recipient);
        encryption.set_sealed_key(keys->sealed_key);
        encryption.set_sealed_digest_key(keys->sealed_digest_key);
    }
    return to.SerializeAsString();
}

Result<CaptureHeader> decode_header(BytesView bytes) {
    v1::Header from;
    if (!from.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) || from.policy() > 2) {
        return make_error(Errc::malformed, "the capture's header cannot be decoded");
    }
    CaptureHeader to;
    to.source = from.source();
    to.tool_version = from.tool_version();
    to.created = Timestamp::from_ns(from.created_ns());
    to.policy = static_cast<ResultsPolicy>(from.policy());
    to.key_id = from.key_id();
    to.server_version = from.server_version();
    to.system_identifier = from.system_identifier();
    to.wal_position = from.wal_position();
    to.clock_uncertainty_ns = from.clock_uncertainty_ns();
    to.description = from.description();
    to.replayed_system_identifier = from.replayed_system_identifier();
    to.results_unknown = from.results_unknown();
    to.redacted = from.redacted();
    return to;
}

std::optional<SealedKeys> decode_encryption(BytesView bytes) {
    v1::Header from;
    if (!from.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) || !from.has_encryption()) {
        return std::nullopt;
    }
    const auto& encryption = from.encryption();
    return SealedKeys{encryption.recipient(), encryption.sealed_key(), encryption.sealed_digest_key()};
}

}  // namespace understudy::store
