#include "app/inspect/step_filter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/sql/fingerprint.hpp"

namespace understudy::app::inspect {
namespace {

std::optional<std::uint64_t> hexadecimal(const std::string& text) {
    std::uint64_t value = 0;
    const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
    if (error != std::errc() || rest != text.data() + text.size()) return std::nullopt;
    return value;
}

}  // namespace

Result<SessionId> parse_session(const std::string& text) {
    if (const auto value = hexadecimal(text)) return SessionId(*value);
    return make_error(Errc::usage,
                      fmt::format("'{}' is not a session; they are listed by inspect --what sessions", text));
}

Result<void> FilterOptions::parse(const std::string& from_text, const std::string& to_text,
                                  const std::string& fingerprint_text) {
    if (!from_text.empty()) {
        UNDERSTUDY_TRY(from, TimeOption::parse(from_text));
    }
    if (!to_text.empty()) {
        UNDERSTUDY_TRY(to, TimeOption::parse(to_text));
    }
    if (fingerprint_text.empty()) return {};
    fingerprint = hexadecimal(fingerprint_text);
    if (fingerprint) return {};
    return make_error(
        Errc::usage,
        fmt::format("'{}' is not a fingerprint; they are listed by inspect --what statements", fingerprint_text));
}

void StepFilter::set_start(Timestamp start) {
    from_ = options_.from.resolve(start);
    to_ = options_.to.resolve(start);
}

bool StepFilter::passes(const SessionInfo& session) const {
    const auto& wanted = options_.sessions;
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), session.id) == wanted.end()) return false;
    if (options_.user && session.identity.user != *options_.user) return false;
    return !options_.database || session.identity.database == *options_.database;
}

bool StepFilter::in_window(Timestamp time) const {
    if (!from_.known() && !to_.known()) return true;
    return time.known() && (!from_.known() || time >= from_) && (!to_.known() || time < to_);
}

bool StepFilter::passes(const FollowedStep& step) {
    if (options_.errors && step.result.outcome != StepOutcome::error) return false;
    return !options_.fingerprint || (step.sql && has_fingerprint(*step.sql));
}

bool StepFilter::has_fingerprint(BytesView sql) {
    Bytes text(sql);
    if (const auto found = cache_.find(text); found != cache_.end()) return found->second;
    const bool has = sql::fingerprint(text).value == *options_.fingerprint;
    if (cache_.size() >= kMaxCachedTexts || cached_bytes_ + text.size() > kMaxCachedBytes) {
        cache_.clear();
        cached_bytes_ = 0;
    }
    cached_bytes_ += text.size();
    cache_.emplace(std::move(text), has);
    return has;
}

void FilteredListener::on_step(const FollowedStep& step) {
    const Timestamp time = step.asked.known() ? step.asked : step.result.end;
    if (!filter_.passes(step.session) || !filter_.in_window(time) || !filter_.passes(step)) return;
    ++passed_[step.session.id];
    next_.on_step(step);
}

void FilteredListener::on_session_end(const SessionInfo& session) {
    const FilterOptions& options = filter_.options();
    const bool step_passed = passed_.erase(session.id) != 0;
    if (!filter_.passes(session)) return;
    if (options.of_steps() && !step_passed) return;
    const bool overlaps = (!filter_.to().known() || session.first < filter_.to()) &&
                          (!filter_.from().known() || session.last >= filter_.from());
    if (overlaps) next_.on_session_end(session);
}

}  // namespace understudy::app::inspect
