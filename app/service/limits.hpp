#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace understudy::app::service {

// What a visitor can make grow, and how far. Beyond a limit a request is refused, and counted.

inline constexpr std::size_t kMaxTarget = 2048;            ///< bytes of a request's path and query: 414
inline constexpr std::size_t kMaxHeaderBytes = 16 * 1024;  ///< all header fields: 431
inline constexpr std::size_t kMaxBodyBytes = 64 * 1024;    ///< of a request: 413
inline constexpr std::size_t kMaxConnections = 512;        ///< HTTP and WebSocket together; more are closed at once
inline constexpr std::size_t kMaxViewers = 256;            ///< WebSockets: 503
inline constexpr std::size_t kMaxViewerQueue = 64;         ///< messages that a slow viewer has not taken; older ones go
inline constexpr std::size_t kMaxViewerMessage = 4096;     ///< bytes of a message from a viewer
inline constexpr std::size_t kMaxPathSegments = 8;
inline constexpr std::size_t kMaxQueryParameters = 16;
inline constexpr std::size_t kMaxPageLength = 1000;  ///< findings or runs in one answer

inline constexpr auto kHeaderTime = std::chrono::seconds(10);  ///< for a whole request to come: slow clients
inline constexpr auto kWriteTime = std::chrono::seconds(30);   ///< for an answer to be taken
inline constexpr auto kLingerTime = std::chrono::seconds(1);   ///< for what a client still sends after the last answer
inline constexpr std::size_t kMaxLingerBytes = std::size_t{1} << 20U;
inline constexpr auto kIdleTime = std::chrono::seconds(60);    ///< between two requests of a connection
inline constexpr auto kSignInTime = std::chrono::seconds(5);   ///< for a viewer's first message, with the token

}  // namespace understudy::app::service
