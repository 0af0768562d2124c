#pragma once

#include <memory>
#include <string>

#include "core/base/bytes.hpp"
#include "core/base/error.hpp"
#include "core/store/byte_io.hpp"

namespace understudy::capture {

/// Reads a file that is plain, gzip (RFC 1952; several members too) or Zstandard (RFC 8878), which its first bytes
/// tell. A shell.
class LogReader {
public:
    /// Errors: Errc::io.
    static Result<LogReader> open(const std::string& path);
    ~LogReader();
    LogReader(LogReader&&) noexcept;
    LogReader& operator=(LogReader&&) = delete;

    /// The next piece, plain, valid until the next call; empty at the end. Errors: Errc::io; Errc::malformed for
    /// damaged compressed data; Errc::end_of_file, once what is there was handed over, for compressed data that is cut.
    Result<BytesView> read();

private:
    struct Inflater;
    explicit LogReader(std::unique_ptr<store::ByteSource> source);
    Result<void> detect();

    std::unique_ptr<store::ByteSource> source_;
    std::unique_ptr<Inflater> inflater_;
    Bytes input_;
    std::size_t used_ = 0;  // of input_
    Bytes output_;
    bool detected_ = false;
};

}  // namespace understudy::capture
