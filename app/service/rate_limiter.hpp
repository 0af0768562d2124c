#pragma once

#include <map>
#include <string>

#include "core/base/time.hpp"

namespace understudy::app::service {

/// A bucket of permits for each visitor, filled at a steady rate (a token bucket, as RFC 2697 has its meters). Visitors
/// beyond kMaxKeys share one bucket, so that many addresses take no memory.
class RateLimiter {
public:
    static constexpr std::size_t kMaxKeys = 4096;

    RateLimiter(double a_second, double burst) : a_second_(a_second), burst_(burst) {}

    /// Whether `key` may go on at `now`; that takes a permit.
    bool allow(const std::string& key, Timestamp now) {
        if (buckets_.size() >= kMaxKeys && buckets_.count(key) == 0) forget_full(now);
        const std::string& kept = buckets_.size() >= kMaxKeys && buckets_.count(key) == 0 ? kOthers : key;
        Bucket& bucket = buckets_.try_emplace(kept, Bucket{burst_, now}).first->second;
        bucket = filled(bucket, now);
        if (bucket.permits < 1) return false;
        bucket.permits -= 1;
        return true;
    }

private:
    struct Bucket {
        double permits;
        Timestamp at;
    };
    [[nodiscard]] Bucket filled(Bucket bucket, Timestamp now) const {
        if (now > bucket.at) bucket.permits += (now - bucket.at).to_seconds() * a_second_;
        if (bucket.permits > burst_) bucket.permits = burst_;
        if (now > bucket.at) bucket.at = now;
        return bucket;
    }
    void forget_full(Timestamp now) {
        std::erase_if(buckets_, [&](const auto& entry) { return filled(entry.second, now).permits >= burst_; });
    }

    inline static const std::string kOthers;
    double a_second_;
    double burst_;
    std::map<std::string, Bucket> buckets_;
};

}  // namespace understudy::app::service
