#include "app/inspect/timeline.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace understudy::app::inspect {
namespace {

constexpr std::size_t kBarWidth = 40;
constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kDay = 86'400 * kSecond;
/// Nanoseconds; each a multiple of the one before. The last holds 60 × 100 years, more than an instant can tell.
constexpr std::array kSpans = {
    kSecond / 1000, kSecond / 200, kSecond / 100, kSecond / 20, kSecond / 10,  kSecond / 2,   kSecond,
    5 * kSecond,    10 * kSecond,  30 * kSecond,  60 * kSecond, 300 * kSecond, 600 * kSecond, 1800 * kSecond,
    3600 * kSecond, kDay / 4,      kDay,          7 * kDay,     70 * kDay,     700 * kDay,    35'000 * kDay};

std::string span_text(Duration span) {
    const std::int64_t ns = span.count_ns();
    if (ns >= kDay) return counted(static_cast<std::uint64_t>(ns / kDay), "day");
    if (ns >= 3600 * kSecond) return counted(static_cast<std::uint64_t>(ns / (3600 * kSecond)), "hour");
    if (ns >= 60 * kSecond) return counted(static_cast<std::uint64_t>(ns / (60 * kSecond)), "minute");
    return ns >= kSecond ? counted(static_cast<std::uint64_t>(ns / kSecond), "second")
                         : fmt::format("{} ms", ns / 1'000'000);
}

std::string bar(std::uint64_t value, std::uint64_t greatest) {
    if (value == 0) return "";
    const auto width = static_cast<std::size_t>(static_cast<double>(value) * kBarWidth / static_cast<double>(greatest));
    return "  " + std::string(std::max<std::size_t>(width, 1), '#');
}

}  // namespace

Duration Timeline::span() const { return Duration::nanoseconds(kSpans[scale_]); }

Timeline::Bucket& Timeline::bucket(Timestamp time) {
    const auto index = [&] { return static_cast<std::size_t>(elapsed(origin_, time).count_ns() / kSpans[scale_]); };
    while (index() >= kMaxBuckets && scale_ + 1 < kSpans.size()) {
        const auto factor = static_cast<std::size_t>(kSpans[scale_ + 1] / kSpans[scale_]);
        ++scale_;
        std::vector<Bucket> wider((buckets_.size() + factor - 1) / factor);
        for (std::size_t i = 0; i < buckets_.size(); ++i) {
            Bucket& to = wider[i / factor];
            to.exchanges += buckets_[i].exchanges;
            to.steps += buckets_[i].steps;
            to.errors += buckets_[i].errors;
            to.bytes += buckets_[i].bytes;
            to.opened += buckets_[i].opened;
            to.ended += buckets_[i].ended;
        }
        buckets_ = std::move(wider);
    }
    const std::size_t at = std::min(index(), kMaxBuckets - 1);
    if (buckets_.size() <= at) buckets_.resize(at + 1);
    return buckets_[at];
}

void Timeline::on_step(const FollowedStep& step) {
    Bucket& to = bucket(step.asked.known() ? step.asked : step.result.end);
    ++to.steps;
    to.bytes += step.bytes;
    if (step.result.outcome == StepOutcome::error) ++to.errors;
    const std::uint64_t below = std::uint64_t{step.ordinal.value()} + 1;
    std::uint64_t& counted_below = counted_[step.session.id];
    if (counted_below < below) ++to.exchanges;
    counted_below = std::max(counted_below, below);
}

void Timeline::on_session_end(const SessionInfo& session) {
    counted_.erase(session.id);
    ++bucket(session.first).opened;
    ++bucket(session.last).ended;
}

std::string to_text(const Timeline& timeline) {
    std::uint64_t greatest = 1;
    for (const auto& bucket : timeline.buckets()) greatest = std::max(greatest, bucket.exchanges);
    std::string out = fmt::format("{} a line from {}\n", span_text(timeline.span()), utc_text(timeline.origin()));
    fmt::format_to(std::back_inserter(out), "{:>12} {:>9} {:>10} {:>10} {:>8} {:>12}\n", "seconds", "sessions",
                   "exchanges", "steps", "errors", "bytes sent");
    std::uint64_t open = 0;
    for (std::size_t i = 0; i < timeline.buckets().size(); ++i) {
        const Timeline::Bucket& bucket = timeline.buckets()[i];
        open += bucket.opened;
        fmt::format_to(std::back_inserter(out), "{:>12} {:>9} {:>10} {:>10} {:>8} {:>12}{}\n",
                       fmt::format("+{:.3f}", timeline.span().to_seconds() * static_cast<double>(i)), count_text(open),
                       count_text(bucket.exchanges), count_text(bucket.steps), count_text(bucket.errors),
                       count_text(bucket.bytes), bar(bucket.exchanges, greatest));
        open -= std::min(open, bucket.ended);
    }
    return out;
}

Json to_json(const Timeline& timeline) {
    Json json;
    json["first"] = utc_text(timeline.origin());
    json["first_ns"] = timeline.origin().ns();
    json["span_ms"] = milliseconds(timeline.span());
    json["buckets"] = Json::array();
    std::uint64_t open = 0;
    for (const Timeline::Bucket& bucket : timeline.buckets()) {
        open += bucket.opened;
        json["buckets"].push_back({{"sessions", open},
                                   {"opened", bucket.opened},
                                   {"ended", bucket.ended},
                                   {"exchanges", bucket.exchanges},
                                   {"steps", bucket.steps},
                                   {"errors", bucket.errors},
                                   {"bytes", bucket.bytes}});
        open -= std::min(open, bucket.ended);
    }
    return json;
}

}  // namespace understudy::app::inspect
