#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "app/service/limits.hpp"
#include "core/base/error.hpp"

namespace understudy::app::service {

/// What one viewer has still to be sent. A slow one loses the oldest messages, and is told how many.
class ViewerQueue {
public:
    using Message = std::shared_ptr<const std::string>;

    /// Gives how many were dropped for it: 0 or 1.
    std::uint64_t push(Message message) {
        std::uint64_t gone = 0;
        if (waiting_.size() == kMaxViewerQueue) {
            waiting_.pop_front();
            gone = 1;
        }
        dropped_ += gone;
        waiting_.push_back(std::move(message));
        return gone;
    }
    [[nodiscard]] bool empty() const { return waiting_.empty(); }
    [[nodiscard]] std::size_t size() const { return waiting_.size(); }

    /// The next one: first of all how many were dropped, if any were. Not to be called when empty.
    Message pop() {
        UNDERSTUDY_ASSERT(!waiting_.empty());
        if (dropped_ > 0) {
            auto said = std::make_shared<const std::string>(
                "{\"type\":\"dropped\",\"count\":" + std::to_string(dropped_) + "}");
            dropped_ = 0;
            return said;
        }
        Message next = std::move(waiting_.front());
        waiting_.pop_front();
        return next;
    }

private:
    std::deque<Message> waiting_;
    std::uint64_t dropped_ = 0;
};

}  // namespace understudy::app::service
