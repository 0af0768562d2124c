#include "replay/plan/hold_back.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/byte_reader.hpp"
#include "core/pgwire/frontend_messages.hpp"
#include "core/pgwire/message_tag.hpp"
#include "core/sql/outside_effects.hpp"
#include "core/sql/statement_traits.hpp"

namespace understudy::replay {
namespace {

/// The large-object functions, which libpq and JDBC call this way. Numbers of built-in functions do not change
/// (pg_proc.dat); those of others mean something else on another server.
constexpr std::array<std::uint32_t, 13> kLargeObjectFunctions{715, 952, 953,  954,  955,  956, 957,
                                                              958, 964, 1004, 3170, 3171, 3172};

std::string judge_function(BytesView body) {
    const std::uint32_t function = ByteReader(body).u32();
    const auto* end = kLargeObjectFunctions.end();
    if (std::find(kLargeObjectFunctions.begin(), end, function) != end) return {};
    return fmt::format("held back: a FunctionCall of function {}, which may be another one here", function);
}

}  // namespace

std::string HoldBack::judge(const pgwire::FrameView& frame) {
    switch (static_cast<pgwire::FrontendTag>(frame.tag)) {
        case pgwire::FrontendTag::query: return judge_sql(frame.body.substr(0, frame.body.find('\0')));
        case pgwire::FrontendTag::parse: {
            const auto parse = pgwire::view_parse(frame.body);
            if (!parse) return {};
            std::string reason = judge_sql(parse->sql);
            if (!reason.empty()) {
                held_statements_.insert(Bytes(parse->statement));
            } else if (!held_statements_.empty()) {
                held_statements_.erase(Bytes(parse->statement));
            }
            return reason;
        }
        case pgwire::FrontendTag::bind: {
            if (held_statements_.empty()) return {};
            const auto bind = pgwire::view_bind(frame.body);
            if (!bind || !held_statements_.contains(Bytes(bind->statement))) return {};
            return "its statement was not prepared here";
        }
        case pgwire::FrontendTag::describe: {
            const auto view = pgwire::view_name(frame);
            if (!view || view->target != 'S' || !held_statements_.contains(Bytes(view->name))) return {};
            return "its statement was not prepared here";
        }
        case pgwire::FrontendTag::function_call: return judge_function(frame.body);
        default: return {};
    }
}

void HoldBack::note_not_sent(BytesView frames) {
    pgwire::FrameReader reader;
    reader.begin(frames);
    pgwire::FrameView frame;
    while (reader.next(frame) == pgwire::FrameStatus::complete) {
        if (frame.tag != static_cast<char>(pgwire::FrontendTag::parse)) continue;
        if (const auto parse = pgwire::view_parse(frame.body)) held_statements_.insert(Bytes(parse->statement));
    }
}

std::string HoldBack::judge_sql(BytesView sql) const {
    if (!sql::may_have_outside_effects(sql)) return {};
    for (const Bytes& effect : sql::traits(sql).outside_effects) {
        if (!allowed_.contains(effect)) {
            return fmt::format("held back: {} acts outside the database (--allow '{}' sends it)", effect, effect);
        }
    }
    return {};
}

}  // namespace understudy::replay
