#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <list>

#include "app/service/viewer_queue.hpp"
#include "app/web/service.hpp"

namespace understudy::app {

/// A viewer that is signed in. Touched by the thread of the connections only.
struct Viewer {
    explicit Viewer(const boost::asio::any_io_executor& executor) : wake(executor) {}
    service::ViewerQueue queue;
    boost::asio::steady_timer wake;  ///< cancelled when there is something to send, or the end has come
    bool closing = false;
};

/// What connections share.
struct WebShared {
    Service& service;
    boost::asio::thread_pool& workers;
    std::list<Viewer>& viewers;
    const bool& stopping;
};

/// Serves one connection to its end: HTTP requests one after the other, or a viewer. With `tls`, after a handshake.
boost::asio::awaitable<void> serve_connection(boost::asio::ip::tcp::socket socket, boost::asio::ssl::context* tls,
                                              WebShared shared);

}  // namespace understudy::app
