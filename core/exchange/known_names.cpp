#include "core/exchange/known_names.hpp"

#include "core/pgwire/frontend_messages.hpp"
#include "core/pgwire/message_tag.hpp"

namespace understudy {
namespace {

Bytes key_of(char target, BytesView name) { return Bytes(1, target).append(name); }

}  // namespace

bool KnownNames::note(const pgwire::FrameView& frame) {
    switch (static_cast<pgwire::FrontendTag>(frame.tag)) {
        case pgwire::FrontendTag::parse:
            if (const auto parse = pgwire::view_parse(frame.body)) define('S', parse->statement);
            return false;
        case pgwire::FrontendTag::bind: {
            const auto bind = pgwire::view_bind(frame.body);
            if (!bind) return false;
            define('P', bind->portal);
            return missed('S', bind->statement);
        }
        case pgwire::FrontendTag::describe:
        case pgwire::FrontendTag::execute: {
            const auto view = pgwire::view_name(frame);
            return view && missed(view->target == 'S' ? 'S' : 'P', view->name);
        }
        case pgwire::FrontendTag::close:
            if (const auto view = pgwire::view_name(frame)) {
                names_.erase(key_of(view->target, view->name));
                unnamed_portal_ = false;  // or it is defined once more
            }
            return false;
        default: return false;
    }
}

void KnownNames::define(char target, BytesView name) {
    const bool unnamed_portal = target == 'P' && name.empty();
    if (names_.size() >= kMaxNames || (unnamed_portal && unnamed_portal_)) return;
    names_.insert(key_of(target, name));
    unnamed_portal_ = unnamed_portal_ || unnamed_portal;
}

bool KnownNames::missed(char target, BytesView name) const {
    // Past the limit a name may have been seen and left out.
    return some_missed_ && names_.size() < kMaxNames && names_.find(key_of(target, name)) == names_.end();
}

}  // namespace understudy
