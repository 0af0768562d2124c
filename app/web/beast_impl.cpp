// Boost.Beast, and what of Boost.Asio needs OpenSSL, compiled once (BOOST_BEAST_SEPARATE_COMPILATION).
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/beast/src.hpp>
