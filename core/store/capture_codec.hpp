#pragma once

#include <cstdint>
#include <memory>

#include "core/base/bytes.hpp"
#include "core/base/error.hpp"
#include "core/model/event.hpp"
#include "core/store/sealing.hpp"

namespace understudy::store {

/// Events to and from the records of proto/capture.proto. Keeps a message to reuse; one per thread.
class CaptureCodec {
public:
    CaptureCodec();
    ~CaptureCodec();
    CaptureCodec(const CaptureCodec&) = delete;
    CaptureCodec& operator=(const CaptureCodec&) = delete;

    /// Appends `event` as a length-delimited record, times relative to `base`. False, with `out` unchanged, when the
    /// record would pass kMaxRecordLength.
    bool append(Bytes& out, const Event& event, Timestamp base);

    /// Decodes one record's body. Errors: Errc::malformed; Errc::unsupported for a kind of record from a newer version,
    /// which a reader counts and skips.
    Result<Event> decode(BytesView body, Timestamp base);

private:
    struct Messages;
    std::unique_ptr<Messages> messages_;
};

Bytes encode_header(const CaptureHeader& header, const std::optional<SealedKeys>& keys = std::nullopt);
Result<CaptureHeader> decode_header(BytesView bytes);
/// Nothing where the file is not encrypted. `bytes` are those that decode_header took.
std::optional<SealedKeys> decode_encryption(BytesView bytes);

/// The time by which an event is filed: a request's arrival, a response's end. Unknown for counters.
Timestamp event_time(const Event& event);
/// The session an event belongs to; 0 for those of the whole capture.
SessionId event_session(const Event& event);

}  // namespace understudy::store
