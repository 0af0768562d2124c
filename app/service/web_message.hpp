#pragma once

#include <string>
#include <utility>
#include <vector>

namespace understudy::app::service {

/// An HTTP request, as far as the service looks at it.
struct WebRequest {
    std::string method;
    std::string target;
    std::string authorization;
    std::string origin;
    std::string host;
    std::string content_type;
    std::string body;
    std::string peer;     ///< address, without the port
    bool secure = false;  ///< it came over TLS
};

struct WebAnswer {
    int status = 200;
    std::string content_type = "application/json";
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;
};

/// RFC 9457: {"status": 404, "title": …, "detail": …} as application/problem+json.
WebAnswer problem(int status, const std::string& detail);

/// What goes with every answer: no sniffing, no framing, no referrer, no cache, and a content security policy under
/// which a page runs this service's own scripts and styles only.
std::vector<std::pair<std::string, std::string>> security_headers(bool secure);

/// Whether a page of `origin` (RFC 6454) may ask: one of this service by its own Host, or one that is listed. A program
/// sends no Origin: that may ask.
bool origin_allowed(const WebRequest& request, const std::vector<std::string>& listed);

}  // namespace understudy::app::service
