#include "capture/redact/session_redactor.hpp"
#include "capture/session/redactor.hpp"
#include "capture/session/session_decoder.hpp"
#include "core/base/byte_reader.hpp"
#include "core/pgwire/message_tag.hpp"

namespace understudy::capture {

Counters DecodeContext::named_counters() const {
    Counters named{counters, {}};
    const auto add = [&](const auto& messages, const char* side, auto&& name_of) {
        for (std::size_t tag = 0; tag < messages.size(); ++tag) {
            if (messages[tag] == 0) continue;
            const std::string_view name = name_of(static_cast<char>(tag));
            named.values["messages." + std::string(side) + "." + std::string(name.empty() ? "unknown" : name)] +=
                messages[tag];
        }
    };
    add(counts.frontend, "frontend", pgwire::frontend_message_name);
    add(counts.backend, "backend", pgwire::backend_message_name);
    return named;
}

/// From here on frames are recorded, redacted if the capture is.
void SessionDecoder::begin_transcript(bool joined) {
    transcriber_ = std::make_unique<Transcriber>(session_, context_.digester, context_.policy, joined, context_.counts,
                                                 context_.sink);
    if (context_.redaction == nullptr) return;
    redactor_ = std::make_unique<SessionRedactor>(*context_.redaction);
    transcriber_->set_redactor(redactor_.get());
}

/// A setting that the server reports may be a connection string that the client gave as its name.
pgwire::Arrival SessionDecoder::record_answer(const pgwire::FrameView& frame, Timestamp time) {
    if (frame.tag != static_cast<char>(pgwire::BackendTag::parameter_status)) return transcriber_->backend(frame, time);
    ByteReader reader(frame.body);
    reader.c_string();
    const BytesView value = reader.c_string();
    if (!reader.ok()) return transcriber_->backend(frame, time);  // nothing is kept of it
    Bytes whole(frame.whole);
    const auto at = static_cast<std::size_t>(value.data() - frame.whole.data());
    whole.replace(at, value.size(), setting_without_passwords(value));
    return transcriber_->backend({frame.tag, BytesView(whole).substr(frame.whole.size() - frame.body.size()), whole},
                                 time);
}

}  // namespace understudy::capture
