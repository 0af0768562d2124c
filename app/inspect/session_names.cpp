#include "app/inspect/session_names.hpp"

#include "core/base/byte_reader.hpp"

namespace understudy::app::inspect {

void read_step(const ScannedFrame& frame, TextStore& texts, AskedStep& step) {
    // The beginning of the body is enough, since that may be all there is; see FrameScanner.
    ByteReader body(frame.body);
    const auto rest_to_zero = [&body] {
        const BytesView rest = body.rest();
        return rest.substr(0, rest.find('\0'));
    };
    switch (step.kind) {
        case StepKind::parse:
            step.name = body.c_string();
            if (body.ok()) step.sql = texts.keep(rest_to_zero());
            return;
        case StepKind::statement: step.sql = texts.keep(rest_to_zero()); return;
        case StepKind::bind:
            step.name = body.c_string();
            step.statement = body.c_string();
            return;
        case StepKind::describe:
        case StepKind::close:
            step.target = static_cast<char>(body.u8());
            step.name = body.c_string();
            return;
        case StepKind::execute: step.name = body.c_string(); return;
        case StepKind::unknown:
        case StepKind::sync:
        case StepKind::function_call: return;
    }
}

void SessionNames::define(Names& names, const Bytes& name, SqlText sql) {
    if (name.size() > kMaxNameLength) return;
    if (const auto found = names.find(name); found != names.end()) {
        found->second = std::move(sql);
    } else if (names.size() < kMaxNames) {
        names.emplace(name, std::move(sql));
    }
}

void SessionNames::define_statement(const Bytes& name, SqlText sql) { define(statements_, name, std::move(sql)); }

const SqlText* SessionNames::find(const AskedStep& step) const {
    const bool portal = step.kind == StepKind::execute || step.target == 'P';
    const Names& names = portal ? portals_ : statements_;
    const auto found = names.find(step.kind == StepKind::bind ? step.statement : step.name);
    return found == names.end() ? nullptr : &found->second;
}

SqlText SessionNames::text_of(const AskedStep& step, const SessionNames* recent) const {
    if (step.kind == StepKind::parse || step.kind == StepKind::statement) return step.sql;
    if (step.kind == StepKind::sync || step.kind == StepKind::function_call) return nullptr;
    const SqlText* found = recent == nullptr ? nullptr : recent->find(step);
    if (found == nullptr) found = find(step);
    return found == nullptr ? nullptr : *found;
}

void SessionNames::apply(const AskedStep& step, const SqlText& sql) {
    if (step.kind == StepKind::parse) {
        define(statements_, step.name, sql);
    } else if (step.kind == StepKind::bind) {
        define(portals_, step.name, sql);
    } else if (step.kind == StepKind::close) {
        (step.target == 'P' ? portals_ : statements_).erase(step.name);
    }
}

}  // namespace understudy::app::inspect
