#include "core/pgwire/message_tag.hpp"

namespace understudy::pgwire {
namespace {

using Names = std::array<std::string_view, 128>;

constexpr Names frontend_names() {
    Names n{};
    n['B'] = "Bind";
    n['C'] = "Close";
    n['d'] = "CopyData";
    n['c'] = "CopyDone";
    n['f'] = "CopyFail";
    n['D'] = "Describe";
    n['E'] = "Execute";
    n['H'] = "Flush";
    n['F'] = "FunctionCall";
    n['P'] = "Parse";
    n['p'] = "PasswordMessage";
    n['Q'] = "Query";
    n['S'] = "Sync";
    n['X'] = "Terminate";
    return n;
}

constexpr Names backend_names() {
    Names n{};
    n['R'] = "Authentication";
    n['K'] = "BackendKeyData";
    n['2'] = "BindComplete";
    n['3'] = "CloseComplete";
    n['C'] = "CommandComplete";
    n['W'] = "CopyBothResponse";
    n['d'] = "CopyData";
    n['c'] = "CopyDone";
    n['G'] = "CopyInResponse";
    n['H'] = "CopyOutResponse";
    n['D'] = "DataRow";
    n['I'] = "EmptyQueryResponse";
    n['E'] = "ErrorResponse";
    n['V'] = "FunctionCallResponse";
    n['v'] = "NegotiateProtocolVersion";
    n['n'] = "NoData";
    n['N'] = "NoticeResponse";
    n['A'] = "NotificationResponse";
    n['t'] = "ParameterDescription";
    n['S'] = "ParameterStatus";
    n['1'] = "ParseComplete";
    n['s'] = "PortalSuspended";
    n['Z'] = "ReadyForQuery";
    n['T'] = "RowDescription";
    return n;
}

constexpr Names kFrontend = frontend_names();
constexpr Names kBackend = backend_names();

std::string_view look_up(const Names& names, char tag) {
    const auto index = static_cast<unsigned char>(tag);
    return index < names.size() ? names[index] : std::string_view();
}

}  // namespace

std::string_view frontend_message_name(char tag) { return look_up(kFrontend, tag); }
std::string_view backend_message_name(char tag) { return look_up(kBackend, tag); }

}  // namespace understudy::pgwire
