#include "replay/remap/session_remapper.hpp"

#include <limits>
#include <utility>

#include "core/base/byte_reader.hpp"
#include "core/exchange/frame_scanner.hpp"
#include "core/pgwire/message_lists.hpp"
#include "core/pgwire/message_tag.hpp"
#include "core/sql/lexer.hpp"

namespace understudy::replay {
namespace {

using pgwire::FrontendTag;

template <class Value>
void remember(std::unordered_map<Bytes, Value>& names, BytesView name, Value value) {
    Bytes key(name);
    names.erase(key);
    if (names.size() < SessionRemapper::kMaxNames) names.emplace(std::move(key), std::move(value));
}

}  // namespace

SessionRemapper::SessionRemapper(SessionId session, RemapContext& context, EventSink& next,
                                 std::atomic<std::uint64_t>& queued_bytes)
    : session_(session),
      context_(context),
      next_(next),
      queued_bytes_(queued_bytes),
      values_(session, context.domains, context.map, context.digester, context.counts),
      scope_(session, context.map) {}

SessionRemapper::~SessionRemapper() {
    for (const auto& [place, recorded] : recorded_) queued_bytes_.fetch_sub(recorded.weight, std::memory_order_relaxed);
}

Bytes SessionRemapper::rewrite(Bytes frames, Ordinal ordinal, StepIndex step) {
    Place place{ordinal.value(), step.value()};
    if (place.first != copy_ordinal_) copies_.clear();  // an earlier one failed
    copy_ordinal_ = place.first;
    pgwire::FrameReader reader;
    reader.begin(frames);
    pgwire::FrameView frame;
    Bytes out;
    std::size_t copied = 0;
    Bytes scratch;
    while (reader.next(frame) == pgwire::FrameStatus::complete) {
        scratch.clear();
        const auto begin = static_cast<std::size_t>(frame.whole.data() - frames.data());
        if (rewrite_frame(frame, place, scratch)) {
            out.append(frames, copied, begin - copied).append(scratch);
            copied = begin + frame.whole.size();
        }
        if (step_kind_of(frame.tag) != StepKind::unknown) ++place.second;
    }
    if (copied == 0) return frames;
    return out.append(frames, copied);
}

void SessionRemapper::entered(BytesView frames) {
    Bytes unused;
    pgwire::FrameReader reader;
    reader.begin(frames);
    pgwire::FrameView frame;
    while (reader.next(frame) == pgwire::FrameStatus::complete) {
        if (frame.tag == static_cast<char>(FrontendTag::parse)) parse(frame.body, unused);
    }
}

/// True: `out` has what is to be sent instead.
bool SessionRemapper::rewrite_frame(const pgwire::FrameView& frame, Place place, Bytes& out) {
    switch (static_cast<FrontendTag>(frame.tag)) {
        case FrontendTag::query: return query(frame.body, place, out);
        case FrontendTag::parse: return parse(frame.body, out);
        case FrontendTag::bind: return bind(frame, out);
        case FrontendTag::execute: {
            const auto view = pgwire::view_name(frame);
            const auto found = view ? portals_.find(Bytes(view->name)) : portals_.end();
            if (found == portals_.end()) return false;
            sent(place, found->second, false);
            expect_copies(found->second);
            follow_path(*found->second);
            return false;
        }
        case FrontendTag::close:
            if (const auto view = pgwire::view_name(frame)) {
                if (view->target == 'S') statements_.erase(Bytes(view->name));
                if (view->target == 'P') portals_.erase(Bytes(view->name));
            }
            return false;
        case FrontendTag::copy_data:
        case FrontendTag::copy_done:
        case FrontendTag::copy_fail: return copy_frame(frame, out);
        default: return false;
    }
}

void SessionRemapper::set_identity(const SessionIdentity& identity) {
    user_ = identity.user;
    path_ = catalog::SearchPath(identity.startup);
    set_schemas();
}

void SessionRemapper::set_schemas() {
    Bytes path = "\"$user\", public";
    const auto& known = context_.role_paths;
    if (path_.in_force()) {
        path = *path_.in_force();
    } else if (const auto own = known.find(user_); own != known.end()) {
        path = own->second;
    } else if (const auto all = known.find(""); all != known.end()) {
        path = all->second;
    }
    search_path_ = catalog::schemas_of(path, user_);
}

/// As if what is sent succeeds.
void SessionRemapper::follow_path(const TextPlan& plan) {
    if (!plan.may_change_path) return;
    for (const StatementPlan& statement : plan.statements) {
        path_.on_statement(BytesView(plan.sql).substr(statement.begin, statement.end - statement.begin));
    }
    set_schemas();
}

std::optional<Bytes> SessionRemapper::rewritten(const TextPlanPtr& plan) {
    for (std::size_t i = 0; i < plan->statements.size(); ++i) {
        const Bytes& name = plan->statements[i].prepares;
        if (!name.empty()) remember(prepared_sql_, name, std::pair(plan, i));
    }
    return values_.statement(*plan, [this](const Bytes& name) {
        const StatementPlan* prepared = prepared_as(name);
        return prepared == nullptr ? nullptr : &prepared->parameters;
    });
}

const StatementPlan* SessionRemapper::prepared_as(const Bytes& name) const {
    const auto found = prepared_sql_.find(name);
    return found == prepared_sql_.end() ? nullptr : &found->second.first->statements[found->second.second];
}

bool SessionRemapper::query(BytesView body, Place place, Bytes& out) {
    const std::size_t zero = body.find('\0');
    if (zero == BytesView::npos) return false;
    const TextPlanPtr plan = context_.plans.plan(body.substr(0, zero), search_path_);
    copies_.clear();
    if (!plan) return false;
    sent(place, plan, true);
    expect_copies(plan);
    follow_path(*plan);
    const auto sql = rewritten(plan);
    if (!sql) return false;
    pgwire::write_frame(out, 'Q', [&](ByteWriter& writer) {
        writer.bytes(*sql);
        writer.bytes(body.substr(zero));
    });
    return true;
}

bool SessionRemapper::parse(BytesView body, Bytes& out) {
    const auto view = pgwire::view_parse(body);
    if (!view) return false;
    Prepared prepared{context_.plans.plan(view->sql, search_path_), {}};
    const TextPlanPtr plan = prepared.plan;
    if (!plan) {
        statements_.erase(Bytes(view->statement));
        return false;
    }
    ByteReader types(view->parameter_types);
    while (types.remaining() >= 4) prepared.types.push_back(types.u32());
    remember(statements_, view->statement, std::move(prepared));
    const auto sql = rewritten(plan);
    if (!sql) return false;
    const auto after = static_cast<std::size_t>(view->sql.data() + view->sql.size() - body.data());
    pgwire::write_frame(out, 'P', [&](ByteWriter& writer) {
        writer.c_string(view->statement);
        writer.bytes(*sql);
        writer.bytes(body.substr(after));
    });
    return true;
}

bool SessionRemapper::bind(const pgwire::FrameView& frame, Bytes& out) {
    const auto view = pgwire::view_bind(frame.body);
    if (!view) return false;
    const auto found = statements_.find(Bytes(view->statement));
    if (found == statements_.end()) {
        portals_.erase(Bytes(view->portal));
        return false;
    }
    const Prepared& prepared = found->second;
    remember(portals_, view->portal, prepared.plan);
    if (prepared.plan->statements.empty() || prepared.plan->statements.front().parameters.empty()) return false;
    auto decoded = pgwire::decode_frontend(frame);
    if (!decoded) return false;
    auto& message = std::get<pgwire::Bind>(*decoded);
    if (!values_.bind(message, prepared.plan->statements.front().parameters, prepared.types)) return false;
    pgwire::encode_frontend_to(out, message);
    return true;
}

void SessionRemapper::sent(Place place, const TextPlanPtr& plan, bool is_query) {
    if (sent_.size() >= kMaxSent) sent_.pop_front();
    sent_.push_back({place, plan, is_query});
}

void SessionRemapper::expect_copies(const TextPlanPtr& plan) {
    for (std::size_t i = 0; i < plan->statements.size(); ++i) {
        if (plan->statements[i].kind != sql::StatementKind::copy_in) continue;
        copies_.push_back({plan, i, CopyFields(plan->statements[i].copy.value_or(CopyLayout{}))});
    }
}

bool SessionRemapper::copy_frame(const pgwire::FrameView& frame, Bytes& out) {
    if (copies_.empty()) return false;
    Copy& copy = copies_.front();
    const StatementPlan& statement = copy.plan->statements[copy.statement];
    const bool mapped = statement.copy.has_value();
    const CopyMapper mapper(values_, statement.copy_fields);
    if (frame.tag == static_cast<char>(FrontendTag::copy_data)) {
        if (!mapped) return false;
        Bytes data;
        copy.fields.feed(frame.body, mapper, data);
        pgwire::write_frame(out, 'd', [&](ByteWriter& writer) { writer.bytes(data); });
        return true;
    }
    Bytes rest;
    if (mapped && frame.tag == static_cast<char>(FrontendTag::copy_done)) copy.fields.finish(mapper, rest);
    copies_.pop_front();
    if (rest.empty()) return false;
    pgwire::write_frame(out, 'd', [&](ByteWriter& writer) { writer.bytes(rest); });
    out.append(frame.whole);
    return true;
}

}  // namespace understudy::replay
