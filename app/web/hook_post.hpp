#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "app/service/hook_retry.hpp"
#include "app/service/hooks.hpp"

namespace understudy::app {

/// Makes one request of a hook, over TLS 1.2 or later with the server's certificate checked (for http:// without; only
/// loopback addresses have that), within ten seconds; redirects are not followed. A request that wants a comment of ours
/// looked for first becomes its change where there is one. `ca_file`: certificates to trust instead of the system's. Throws
/// nothing: what goes wrong is an answer with status 0.
boost::asio::awaitable<service::HookAnswer> make_hook_request(service::HookRequest request, std::string ca_file);

}  // namespace understudy::app
