#include "app/service/web_message.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace understudy::app::service {
namespace {

const char* title_of(int status) {
    switch (status) {
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 409: return "Conflict";
        case 413: return "Content Too Large";
        case 414: return "URI Too Long";
        case 415: return "Unsupported Media Type";
        case 422: return "Unprocessable Content";
        case 426: return "Upgrade Required";
        case 429: return "Too Many Requests";
        case 431: return "Request Header Fields Too Large";
        case 503: return "Service Unavailable";
        default: return status < 500 ? "Refused" : "Internal Server Error";
    }
}

}  // namespace

WebAnswer problem(int status, const std::string& detail) {
    const nlohmann::json json{
        {"type", "about:blank"}, {"status", status}, {"title", title_of(status)}, {"detail", detail}};
    WebAnswer answer{status,
                     "application/problem+json",
                     json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n",
                     {}};
    if (status == 401) answer.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"understudy\"");
    if (status == 429) answer.headers.emplace_back("Retry-After", "1");
    return answer;
}

std::vector<std::pair<std::string, std::string>> security_headers(bool secure) {
    std::vector<std::pair<std::string, std::string>> headers = {
        {"Content-Security-Policy",
         "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri "
         "'none'; "
         "form-action 'none'; frame-ancestors 'none'"},
        {"X-Content-Type-Options", "nosniff"},
        {"X-Frame-Options", "DENY"},
        {"Referrer-Policy", "no-referrer"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
        {"Cross-Origin-Opener-Policy", "same-origin"},
        {"Cache-Control", "no-store"}};
    if (secure) headers.emplace_back("Strict-Transport-Security", "max-age=31536000");
    return headers;
}

bool origin_allowed(const WebRequest& request, const std::vector<std::string>& listed) {
    if (request.origin.empty()) return true;
    if (std::find(listed.begin(), listed.end(), request.origin) != listed.end()) return true;
    return !request.host.empty() && request.origin == (request.secure ? "https://" : "http://") + request.host;
}

}  // namespace understudy::app::service
