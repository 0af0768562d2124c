#include "replay/plan/warmed.hpp"

#include <fmt/format.h>

#include "core/pgwire/frame_reader.hpp"
#include "core/pgwire/frontend_messages.hpp"
#include "core/pgwire/message_tag.hpp"

namespace understudy::replay {

std::size_t Warmed::elide(Bytes& frames) {
    if (statements_.empty()) return 0;
    const std::size_t before = elided_;
    Bytes out;
    pgwire::FrameReader reader;
    reader.begin(frames);
    pgwire::FrameView frame;
    while (reader.next(frame) == pgwire::FrameStatus::complete) {
        const bool is_parse = frame.tag == static_cast<char>(pgwire::FrontendTag::parse);
        const auto parse = is_parse ? pgwire::view_parse(frame.body) : std::nullopt;
        const auto known = parse ? statements_.find(Bytes(parse->statement)) : statements_.end();
        if (known == statements_.end()) {
            out += frame.whole;
            continue;
        }
        if (known->second.sql == parse->sql) {
            out += pgwire::encode_frontend(pgwire::Parse{fmt::format("understudy.warm.{}", ++elided_), {}, {}});
        } else {
            out += frame.whole;
        }
        statements_.erase(known);
    }
    if (elided_ == before) return 0;
    out += reader.take_rest();
    frames = std::move(out);
    return elided_ - before;
}

}  // namespace understudy::replay
