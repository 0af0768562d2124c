#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "core/base/bytes.hpp"

namespace understudy::replay {

/// Why a session of the recording could not log in at the target.
struct LoginFailure {
    Bytes user;
    Bytes database;
    Bytes sqlstate;       ///< of the server's refusal; empty where it did not come to that
    std::string message;  ///< the server's, or our own
    friend auto operator<=>(const LoginFailure&, const LoginFailure&) = default;
};

/// Each distinct reason with the number of sessions that met it. Threads share it.
class LoginFailures {
public:
    static constexpr std::size_t kMaxReasons = 20;  ///< more are counted only

    void add(LoginFailure failure) {
        const std::lock_guard lock(mutex_);
        ++sessions_;
        if (const auto known = reasons_.find(failure); known != reasons_.end()) {
            ++known->second;
        } else if (reasons_.size() < kMaxReasons) {
            reasons_.emplace(std::move(failure), 1);
        }
    }
    [[nodiscard]] std::map<LoginFailure, std::uint64_t> reasons() const {
        const std::lock_guard lock(mutex_);
        return reasons_;
    }
    /// All of them.
    [[nodiscard]] std::uint64_t sessions() const {
        const std::lock_guard lock(mutex_);
        return sessions_;
    }

private:
    mutable std::mutex mutex_;
    std::map<LoginFailure, std::uint64_t> reasons_;
    std::uint64_t sessions_ = 0;
};

}  // namespace understudy::replay
