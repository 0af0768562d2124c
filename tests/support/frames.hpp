#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/pgwire/backend_messages.hpp"
#include "core/pgwire/frontend_messages.hpp"

namespace understudy::testing {

/// Messages of the client, each a whole frame; `+` joins them to what is sent at once.
namespace fe {
Bytes parse(BytesView statement, BytesView sql, std::vector<std::uint32_t> types = {});
Bytes bind(BytesView portal, BytesView statement, std::vector<std::int16_t> result_formats = {},
           std::vector<std::optional<Bytes>> parameters = {});
Bytes describe_statement(BytesView name = "");
Bytes describe_portal(BytesView name = "");
Bytes execute(BytesView portal = "", std::uint32_t max_rows = 0);
Bytes close_statement(BytesView name);
Bytes close_portal(BytesView name);
Bytes query(BytesView sql);
Bytes function_call(std::uint32_t oid, std::vector<std::optional<Bytes>> arguments = {});
Bytes copy_data(BytesView data);
Bytes copy_done();
Bytes copy_fail(BytesView why = "no");
Bytes flush();
Bytes sync();
Bytes terminate();
/// Parse, Bind, Execute of the unnamed statement.
Bytes unnamed(BytesView sql = "select 1");
}  // namespace fe

/// Messages of the server.
namespace be {
struct Column {
    std::string name;
    std::uint32_t type = 25;  ///< text
    std::int16_t format = 0;
};
Bytes parse_complete();
Bytes bind_complete();
Bytes close_complete();
Bytes no_data();
Bytes portal_suspended();
Bytes empty_query();
Bytes row_description(const std::vector<Column>& columns);
Bytes parameter_description(std::vector<std::uint32_t> types);
Bytes row(std::initializer_list<std::optional<Bytes>> values);
Bytes complete(BytesView tag);
Bytes ready(char status = 'I');
Bytes error(BytesView sqlstate, BytesView text = "it failed", BytesView severity = "ERROR");
Bytes notice(BytesView text);
Bytes notification(BytesView channel);
Bytes parameter(BytesView name, BytesView value);
Bytes copy_in();
Bytes copy_out();
Bytes copy_data(BytesView data);
Bytes copy_done();
Bytes function_result(std::optional<Bytes> value);
/// ParseComplete and BindComplete.
Bytes parsed_and_bound();
}  // namespace be

/// Cuts whole frames apart; the bytes must be whole frames.
std::vector<Bytes> split_frames(BytesView bytes);
/// A view of one whole frame, valid as long as its bytes.
pgwire::FrameView view_frame(BytesView whole);

}  // namespace understudy::testing
