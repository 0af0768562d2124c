#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace understudy::pgwire {

/// First bytes of the frontend's messages (PostgreSQL docs, "Message Formats"). 'p' stands for all four
/// password-like answers: which one is meant depends on the authentication request before it.
enum class FrontendTag : char {
    bind = 'B',
    close = 'C',
    copy_data = 'd',
    copy_done = 'c',
    copy_fail = 'f',
    describe = 'D',
    execute = 'E',
    flush = 'H',
    function_call = 'F',
    parse = 'P',
    password = 'p',
    query = 'Q',
    sync = 'S',
    terminate = 'X',
};

/// First bytes of the backend's messages.
enum class BackendTag : char {
    authentication = 'R',
    backend_key_data = 'K',
    bind_complete = '2',
    close_complete = '3',
    command_complete = 'C',
    copy_both_response = 'W',
    copy_data = 'd',
    copy_done = 'c',
    copy_in_response = 'G',
    copy_out_response = 'H',
    data_row = 'D',
    empty_query_response = 'I',
    error_response = 'E',
    function_call_response = 'V',
    negotiate_protocol_version = 'v',
    no_data = 'n',
    notice_response = 'N',
    notification_response = 'A',
    parameter_description = 't',
    parameter_status = 'S',
    parse_complete = '1',
    portal_suspended = 's',
    ready_for_query = 'Z',
    row_description = 'T',
};

/// PostgreSQL's own name of a message, e.g. "Parse"; empty for a byte that starts no known message.
std::string_view frontend_message_name(char tag);
std::string_view backend_message_name(char tag);

inline bool is_frontend_tag(char tag) { return !frontend_message_name(tag).empty(); }
inline bool is_backend_tag(char tag) { return !backend_message_name(tag).empty(); }

}  // namespace understudy::pgwire
