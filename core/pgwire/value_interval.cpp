#include <limits>

#include <fmt/format.h>

#include "core/base/byte_reader.hpp"
#include "core/pgwire/civil_time.hpp"
#include "core/pgwire/value_internal.hpp"

namespace understudy::pgwire::internal {
namespace {

constexpr std::size_t kMaxCountDigits = 10;  // a 32-bit number of years, months or days
constexpr std::size_t kMaxHourDigits = 10;

/// EncodeInterval of PostgreSQL's datetime.c in the style postgres. A part after a negative one shows its
/// plus.
class IntervalWriter {
public:
    explicit IntervalWriter(Bytes& out) : out_(out) {}

    void part(std::int32_t value, BytesView unit) {
        if (value == 0) return;
        fmt::format_to(std::back_inserter(out_), "{}{}{} {}{}", empty_ ? "" : " ",
                       after_negative_ && value > 0 ? "+" : "", value, unit, value == 1 ? "" : "s");
        after_negative_ = value < 0;
        empty_ = false;
    }
    void clock(std::int64_t micros) {
        if (micros == 0 && !empty_) return;
        if (!empty_) out_.push_back(' ');
        if (micros < 0) {
            out_.push_back('-');
        } else if (after_negative_) {
            out_.push_back('+');
        }
        const auto size = static_cast<std::uint64_t>(micros);
        append_clock(micros < 0 ? 0 - size : size, out_);
    }

private:
    Bytes& out_;
    bool empty_ = true;
    bool after_negative_ = false;
};

bool read_unit(IsoReader& reader) {
    for (const BytesView unit : {" year", " mon", " day"}) {
        if (reader.literal(unit)) {
            reader.literal("s");
            return true;
        }
    }
    return false;
}

}  // namespace

bool append_interval(BytesView binary, Bytes& out) {
    ByteReader reader(binary);
    const auto micros = static_cast<std::int64_t>(reader.u64());
    const std::int32_t days = reader.i32();
    const std::int32_t months = reader.i32();
    if (!reader.ok() || !reader.at_end()) return false;
    // The infinities of servers since 17 have all three parts at their limit.
    using Int32 = std::numeric_limits<std::int32_t>;
    using Int64 = std::numeric_limits<std::int64_t>;
    if (micros == Int64::max() && days == Int32::max() && months == Int32::max()) {
        out.append("infinity");
        return true;
    }
    if (micros == Int64::min() && days == Int32::min() && months == Int32::min()) {
        out.append("-infinity");
        return true;
    }
    IntervalWriter writer(out);
    writer.part(months / 12, "year");
    writer.part(months % 12, "mon");
    writer.part(days, "day");
    writer.clock(micros);
    return true;
}

bool is_interval_text(BytesView text) {
    if (text == "infinity" || text == "-infinity") return true;
    IsoReader reader(text);
    while (true) {
        if (!reader.literal("-")) reader.literal("+");
        IsoReader count = reader;
        std::int64_t ignored = 0;
        if (!count.number(1, kMaxCountDigits, ignored) || !read_unit(count)) break;
        if (count.at_end()) return true;
        if (!count.literal(" ")) return false;
        reader = count;
    }
    std::uint64_t micros = 0;
    return reader.clock(kMaxHourDigits, micros) && reader.at_end();
}

}  // namespace understudy::pgwire::internal
