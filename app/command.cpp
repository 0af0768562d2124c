#include "app/command.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace understudy::app {

int exit_code_for(const Error& error) {
    switch (error.code) {
        case Errc::usage: return kUsage;
        case Errc::inconclusive: return kInconclusive;
        case Errc::malformed:
        case Errc::limit:
        case Errc::io:
        case Errc::end_of_file:
        case Errc::unsupported:
        case Errc::protocol:
        case Errc::auth:
        case Errc::refused: return kEnvironment;
    }
    return kEnvironment;
}

int fail(const Error& error) {
    fmt::print(stderr, "understudy: {}\n", error.message);
    return exit_code_for(error);
}

}  // namespace understudy::app
