#pragma once

#include <boost/system/result.hpp>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <utility>

namespace understudy {

/// What kind of failure an Error is. The kind decides the exit code (see app/command.hpp) and
/// whether trying again can help; the message says what happened and what to do about it.
enum class Errc {
    malformed,     ///< bytes that do not follow their format (hostile or damaged input)
    limit,         ///< a stated limit was passed
    io,            ///< the operating system refused a read, write, open or connect
    end_of_file,   ///< the data ends before the structure does
    unsupported,   ///< well formed, but newer or other than this program understands
    protocol,      ///< a peer answered something that the protocol does not allow here
    auth,          ///< a server refused the credentials, or a method is not supported
    refused,       ///< a safety rule of ours said no (the interlock, a held-back statement)
    inconclusive,  ///< a verdict would mislead
    usage,         ///< the call itself is wrong
};

/// A failure as a value. Hostile input and a failing environment give an Error; a broken invariant of
/// ours is an assertion (UNDERSTUDY_ASSERT) instead.
struct Error {
    Errc code = Errc::malformed;
    std::string message;

    friend bool operator==(const Error&, const Error&) = default;
};

/// Found by argument-dependent look-up when somebody calls value() on a failed Result.
[[noreturn]] inline void throw_exception_from_error(const Error& error, const boost::source_location&) {
    throw std::runtime_error(error.message);
}

template <class T>
using Result = boost::system::result<T, Error>;

inline Error make_error(Errc code, std::string message) { return Error{code, std::move(message)}; }

}  // namespace understudy

/// A broken invariant ends the program, in release builds too: a wrong recording or a wrong verdict
/// costs more than a stopped one.
#define UNDERSTUDY_ASSERT(condition)                                                               \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            std::fprintf(stderr, "%s:%d: broken invariant: %s\n", __FILE__, __LINE__, #condition); \
            std::abort();                                                                          \
        }                                                                                          \
    } while (false)

#define UNDERSTUDY_JOIN_(a, b) a##b
#define UNDERSTUDY_JOIN(a, b) UNDERSTUDY_JOIN_(a, b)
#define UNDERSTUDY_TRY_(tmp, declaration, ...) \
    auto tmp = (__VA_ARGS__);                  \
    if (!tmp) return std::move(tmp).error();   \
    declaration = std::move(*tmp)

/// `UNDERSTUDY_TRY(auto value, may_fail());` returns the error to the caller, or goes on with the value.
#define UNDERSTUDY_TRY(declaration, ...) \
    UNDERSTUDY_TRY_(UNDERSTUDY_JOIN(try_result_, __LINE__), declaration, __VA_ARGS__)
/// The same for Result<void>.
#define UNDERSTUDY_CHECK(...)                                     \
    do {                                                          \
        if (auto check_result_ = (__VA_ARGS__); !check_result_) { \
            return std::move(check_result_).error();              \
        }                                                         \
    } while (false)
