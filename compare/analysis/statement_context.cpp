#include "compare/analysis/statement_context.hpp"

#include "core/base/byte_reader.hpp"
#include "core/exchange/frame_scanner.hpp"
#include "core/pgwire/frontend_messages.hpp"
#include "core/pgwire/message_tag.hpp"

namespace understudy::compare {
namespace {

using pgwire::FrontendTag;

std::vector<std::uint32_t> oids(BytesView bytes) {
    std::vector<std::uint32_t> result;
    ByteReader reader(bytes);
    while (reader.remaining() >= 4) result.push_back(reader.u32());
    return result;
}

/// A statement whose frame is too long to lie in one Request: what there is of its text.
StatementText cut_text(char tag, BytesView body) {
    StatementText text;
    text.cut = true;
    if (tag == static_cast<char>(FrontendTag::parse)) {
        const std::size_t zero = body.find('\0');
        if (zero == BytesView::npos) return text;
        text.name = body.substr(0, zero);
        body.remove_prefix(zero + 1);
    }
    text.sql = body.substr(0, StatementContexts::kMaxTextBytes);
    return text;
}

template <class Map>
typename Map::mapped_type find(const Map& map, BytesView name) {
    const auto found = map.find(Bytes(name));
    return found == map.end() ? typename Map::mapped_type() : found->second;
}

}  // namespace

void StatementContexts::on_state(const SessionState& state) {
    Session& session = sessions_[state.session];
    for (const PreparedStatement& statement : state.statements) {
        if (session.statements.size() >= kMaxNames) return;
        session.statements[statement.name] = share({statement.name, statement.sql, statement.parameter_types, false});
    }
}

void StatementContexts::on_closed(SessionId session) { sessions_.erase(session); }

StatementTextPtr StatementContexts::share(StatementText&& text) {
    if (text.name.empty()) return std::make_shared<const StatementText>(std::move(text));
    const std::size_t hash = std::hash<Bytes>{}(text.sql) * 31 + std::hash<Bytes>{}(text.name);
    auto& slot = shared_[hash];
    if (const StatementTextPtr same = slot.lock();
        same && same->sql == text.sql && same->name == text.name && same->parameter_types == text.parameter_types) {
        return same;
    }
    const auto created = std::make_shared<const StatementText>(std::move(text));
    slot = created;
    if (shared_.size() >= purge_at_) {
        std::erase_if(shared_, [](const auto& entry) { return entry.second.expired(); });
        purge_at_ = 2 * shared_.size() + 1024;
    }
    return created;
}

void StatementContexts::on_request(const Request& request, std::vector<StepContext>& out) {
    Session& session = sessions_[request.session];
    const ExchangeId id{request.session, request.ordinal};
    BytesView rest = request.frames;
    if (session.skip > 0 && session.skipping == id) {
        const std::size_t skipped = std::min(session.skip, rest.size());
        rest.remove_prefix(skipped);
        session.skip -= skipped;
    } else {
        session.skip = 0;
    }
    std::uint32_t step = request.step.value();
    while (rest.size() >= 5) {
        ByteReader reader(rest.substr(1, 4));
        const std::size_t length = std::size_t{1} + reader.u32();
        if (length < 5) return;
        const bool cut = length > rest.size();
        const BytesView body = rest.substr(5, cut ? BytesView::npos : length - 5);
        const StepKind kind = step_kind_of(rest[0]);
        if (kind != StepKind::unknown) {
            StepContext context;
            context.step = step++;
            context.kind = kind;
            on_frame(session, rest[0], body, cut, context);
            if (out.empty() || out.back().step < context.step) out.push_back(std::move(context));
        }
        if (cut) {
            session.skip = length - rest.size();
            session.skipping = id;
            return;
        }
        rest.remove_prefix(length);
    }
}

void StatementContexts::on_frame(Session& session, char tag, BytesView body, bool cut, StepContext& context) {
    switch (context.kind) {
        case StepKind::statement:
            context.text = share(cut || body.size() > kMaxTextBytes
                                     ? cut_text(tag, body)
                                     : StatementText{{}, Bytes(body.substr(0, body.find('\0'))), {}, false});
            return;
        case StepKind::parse: {
            const auto parse = cut ? std::nullopt : pgwire::view_parse(body);
            StatementText text =
                parse && parse->sql.size() <= kMaxTextBytes
                    ? StatementText{Bytes(parse->statement), Bytes(parse->sql), oids(parse->parameter_types), false}
                    : cut_text(tag, body);
            context.text = share(std::move(text));
            if (session.statements.size() >= kMaxNames) session.statements.clear();
            session.statements[context.text->name] = context.text;
            return;
        }
        case StepKind::bind: {
            const auto bind = cut ? std::nullopt : pgwire::view_bind(body);
            if (!bind) return;
            BoundPortal portal{
                Bytes(bind->portal), Bytes(bind->statement), find(session.statements, bind->statement), {}};
            if (body.size() <= kMaxBindBytes) portal.bind_body = body;
            context.portal = std::make_shared<const BoundPortal>(std::move(portal));
            context.text = context.portal->statement;
            if (session.portals.size() >= kMaxNames) session.portals.clear();
            session.portals[context.portal->name] = context.portal;
            return;
        }
        case StepKind::describe:
        case StepKind::execute:
        case StepKind::close: {
            const auto name = cut ? std::nullopt : pgwire::view_name({tag, body, {}});
            if (!name) return;
            if (name->target == 'S') {
                context.text = find(session.statements, name->name);
            } else {
                context.portal = find(session.portals, name->name);
                if (context.portal) context.text = context.portal->statement;
            }
            if (context.kind != StepKind::close) return;
            name->target == 'S' ? session.statements.erase(Bytes(name->name))
                                : session.portals.erase(Bytes(name->name));
            return;
        }
        case StepKind::sync:
        case StepKind::function_call:
        case StepKind::unknown: return;
    }
}

}  // namespace understudy::compare
