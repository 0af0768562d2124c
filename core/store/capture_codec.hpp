#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "core/base/bytes.hpp"
#include "core/base/error.hpp"
#include "core/model/event.hpp"
#include "core/store/sealing.hpp"

namespace understudy::store {

/// Events to and from the records of proto/capture.proto. Keeps messages to reuse, and what the records of a chunk lean
/// on: drive it with begin_chunk(), then append() or decode() for its records in order. One per thread.
class CaptureCodec {
public:
    CaptureCodec();
    ~CaptureCodec();
    CaptureCodec(const CaptureCodec&) = delete;
    CaptureCodec& operator=(const CaptureCodec&) = delete;

    void begin_chunk(Timestamp base);
    /// Appends `event` as a length-delimited record. False, with `out` unchanged, when the record would pass
    /// kMaxRecordLength.
    bool append(Bytes& out, const Event& event);
    /// Decodes one record's body. Errors: Errc::malformed, after which the rest of the chunk cannot be trusted;
    /// Errc::unsupported for a kind of record from a newer version, which a reader counts and skips.
    Result<Event> decode(BytesView body);
    /// Instead of decode(), for a record of a Request, a Response or a RowPart whose session is not `wanted`: notes what
    /// later records lean on, and says true. False, with nothing noted, for any other, malformed ones included.
    bool pass_over(BytesView body, const std::function<bool(SessionId)>& wanted);

    /// The same for the only record of a chunk.
    bool append(Bytes& out, const Event& event, Timestamp base) {
        begin_chunk(base);
        return append(out, event);
    }
    Result<Event> decode(BytesView body, Timestamp base) {
        begin_chunk(base);
        return decode(body);
    }

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
