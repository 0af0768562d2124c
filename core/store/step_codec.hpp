#pragma once

#include "capture.pb.h"
#include "core/model/event.hpp"

namespace understudy::store {

// The parts that several records share; see capture_codec.hpp.

inline std::int64_t relative(Timestamp time, Timestamp base) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(time.ns()) - static_cast<std::uint64_t>(base.ns()));
}
inline Timestamp absolute(std::int64_t relative_ns, Timestamp base) {  // wraps: a hostile file may hold anything
    return Timestamp::from_ns(
        static_cast<std::int64_t>(static_cast<std::uint64_t>(base.ns()) + static_cast<std::uint64_t>(relative_ns)));
}

void encode_pair(const Bytes& name, const Bytes& value, v1::Pair& to);
void encode_identity(const SessionIdentity& from, v1::Identity& to);
SessionIdentity decode_identity(const v1::Identity& from);
void encode_message(const ServerMessage& from, v1::ServerMessage& to);
ServerMessage decode_message(const v1::ServerMessage& from);
/// `time` is that of the Response.
void encode_step(const StepResult& from, v1::StepResult& to, Timestamp time);
/// Moves the bytes out of `from`. `base`: the Response's time, or, of a record that stands alone, the chunk's.
StepResult decode_step(v1::StepResult& from, Timestamp base, bool alone);

}  // namespace understudy::store
