#include "app/service/live_progress.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace understudy::app::service {

struct LiveProgress::Known {
    nlohmann::json step;
    nlohmann::json replay;
};

LiveProgress::LiveProgress() : known_(std::make_unique<Known>()) {}
LiveProgress::LiveProgress(LiveProgress&&) noexcept = default;
LiveProgress& LiveProgress::operator=(LiveProgress&&) noexcept = default;
LiveProgress::~LiveProgress() = default;

bool LiveProgress::take(std::string_view line) {
    if (line.empty()) return false;
    auto json = nlohmann::json::parse(line, nullptr, false);
    const bool known = json.is_object() && json.contains("type") && json["type"].is_string();
    const std::string type = known ? json["type"].get<std::string>() : std::string();
    if (type == "step") {
        known_->step = std::move(json);
        known_->replay = nullptr;
        return true;
    }
    if (type == "replay") {
        known_->replay = std::move(json);
        return true;
    }
    ++unreadable_;
    return false;
}

bool LiveProgress::add(std::string_view bytes) {
    bool changed = false;
    while (!bytes.empty()) {
        const std::size_t end = bytes.find('\n');
        const std::string_view part = bytes.substr(0, end);
        if (!skipping_ && rest_.size() + part.size() > kMaxLine) {
            skipping_ = true;
            rest_.clear();
            ++unreadable_;
        }
        if (!skipping_) rest_ += part;
        if (end == std::string_view::npos) return changed;
        if (!skipping_) changed = take(rest_) || changed;
        skipping_ = false;
        rest_.clear();
        bytes.remove_prefix(end + 1);
    }
    return changed;
}

nlohmann::json LiveProgress::json() const {
    return {{"step", known_->step}, {"replay", known_->replay}, {"unreadable_lines", unreadable_}};
}

}  // namespace understudy::app::service
