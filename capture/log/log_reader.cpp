#include "capture/log/log_reader.hpp"

#include <fmt/format.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>

namespace understudy::capture {
namespace {

constexpr std::size_t kPiece = 256U << 10U;
constexpr BytesView kGzip("\x1f\x8b", 2);
constexpr BytesView kZstd("\x28\xb5\x2f\xfd", 4);
constexpr int kGzipWindow = 15 + 16;   // zlib.h: the largest window, a gzip header
constexpr int kMaxZstdWindowLog = 27;  // 128 MiB, the format's recommendation for decoders

}  // namespace

/// One of the two decompressors.
struct LogReader::Inflater {
    enum class Step : std::uint8_t { more, damaged };

    explicit Inflater(bool gzip) : is_gzip(gzip) {
        if (gzip) {
            UNDERSTUDY_ASSERT(inflateInit2(&zlib, kGzipWindow) == Z_OK);
        } else {
            zstd = ZSTD_createDCtx();
            UNDERSTUDY_ASSERT(zstd != nullptr);
            ZSTD_DCtx_setParameter(zstd, ZSTD_d_windowLogMax, kMaxZstdWindowLog);
        }
    }
    ~Inflater() {
        if (is_gzip) inflateEnd(&zlib);
        ZSTD_freeDCtx(zstd);
    }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;

    /// Takes input from `used` on and writes to `out`, of which `written` are then valid.
    Step step(BytesView input, std::size_t& used, Bytes& out, std::size_t& written) {
        if (!is_gzip) {
            ZSTD_inBuffer in{input.data(), input.size(), used};
            ZSTD_outBuffer to{out.data(), out.size(), 0};
            const std::size_t left = ZSTD_decompressStream(zstd, &to, &in);
            used = in.pos;
            written = to.pos;
            whole = left == 0;
            return ZSTD_isError(left) != 0U ? Step::damaged : Step::more;
        }
        if (whole) inflateReset(&zlib);  // another member follows
        const std::size_t given = input.size() - used;
        zlib.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data() + used));  // zlib does not write there
        zlib.avail_in = static_cast<uInt>(given);
        zlib.next_out = reinterpret_cast<Bytef*>(out.data());
        zlib.avail_out = static_cast<uInt>(out.size());
        const int status = inflate(&zlib, Z_NO_FLUSH);
        used += given - zlib.avail_in;
        written = out.size() - zlib.avail_out;
        whole = status == Z_STREAM_END;
        return status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR ? Step::more : Step::damaged;
    }

    bool is_gzip;
    bool whole = false;  ///< a member or frame has just ended
    z_stream zlib{};
    ZSTD_DCtx* zstd = nullptr;
};

LogReader::LogReader(std::unique_ptr<store::ByteSource> source) : source_(std::move(source)) {}
LogReader::~LogReader() = default;
LogReader::LogReader(LogReader&&) noexcept = default;

Result<LogReader> LogReader::open(const std::string& path) {
    UNDERSTUDY_TRY(auto source, store::open_file(path));
    return LogReader(std::move(source));
}

Result<void> LogReader::detect() {
    detected_ = true;
    UNDERSTUDY_CHECK(source_->read(kPiece, input_));
    if (input_.starts_with(kGzip)) inflater_ = std::make_unique<Inflater>(true);
    if (input_.starts_with(kZstd)) inflater_ = std::make_unique<Inflater>(false);
    return {};
}

Result<BytesView> LogReader::read() {
    if (!detected_) UNDERSTUDY_CHECK(detect());
    if (!inflater_) {
        if (used_ == 0 && !input_.empty()) {  // what was read to detect the format
            used_ = input_.size();
            return BytesView(input_);
        }
        input_.clear();
        UNDERSTUDY_CHECK(source_->read(kPiece, input_));
        used_ = input_.size();
        return BytesView(input_);
    }
    output_.resize(kPiece);
    while (true) {
        std::size_t written = 0;
        const std::size_t used_before = used_;
        if (used_ < input_.size() || !inflater_->whole) {
            if (inflater_->step(input_, used_, output_, written) == Inflater::Step::damaged) {
                return make_error(Errc::malformed, fmt::format("{}: damaged compressed data", source_->name()));
            }
            if (written > 0) return BytesView(output_).substr(0, written);
        }
        if (used_ < input_.size() && (used_ > used_before || inflater_->whole)) continue;
        input_.erase(0, used_);
        used_ = 0;
        const std::size_t left = input_.size();
        UNDERSTUDY_CHECK(source_->read(kPiece, input_));
        if (input_.size() > left) continue;
        if (inflater_->whole) return BytesView();
        return make_error(Errc::end_of_file, fmt::format("{}: the compressed data is cut off", source_->name()));
    }
}

}  // namespace understudy::capture
