#include "app/inspect/message_item.hpp"

#include <fmt/format.h>

#include "core/pgwire/frontend_messages.hpp"
#include "core/pgwire/message_tag.hpp"
#include "core/pgwire/value.hpp"

namespace understudy::app::inspect {
namespace {

constexpr std::size_t kMaxText = 4'000;
constexpr std::size_t kMaxValue = 400;
constexpr std::size_t kMaxHexBytes = 64;
constexpr std::size_t kMaxListed = 200;

using Fields = std::vector<std::pair<std::string, std::string>>;

std::string name_text(BytesView name) { return name.empty() ? "(unnamed)" : '"' + printable(name, kMaxValue) + '"'; }

std::string type_text(std::uint32_t oid) {
    const BytesView name = pgwire::builtin_type_name(oid);
    if (oid == 0) return "unspecified";
    return name.empty() ? fmt::format("oid {}", oid) : fmt::format("{} ({})", name, oid);
}

std::string hex(BytesView bytes) {
    std::string out = "\\x";
    for (const char c : bytes.substr(0, kMaxHexBytes)) out += fmt::format("{:02x}", static_cast<unsigned char>(c));
    return bytes.size() > kMaxHexBytes ? out + "…" : out;
}

std::int16_t format_at(const std::vector<std::int16_t>& formats, std::size_t i) {
    if (formats.size() == 1) return formats[0];
    return i < formats.size() ? formats[i] : std::int16_t{0};
}

std::string value_text(const std::optional<Bytes>& value, std::int16_t format, std::uint32_t type) {
    if (!value) return "NULL";
    if (format == 0) return '\'' + printable(*value, kMaxValue) + '\'';
    if (type == 0) return hex(*value) + fmt::format(" (binary, {})", counted(value->size(), "byte"));
    return '\'' + printable(pgwire::display_value(type, format, *value), kMaxValue) + "' (binary)";
}

std::string formats_text(const std::vector<std::int16_t>& formats) {
    if (formats.empty()) return "text";
    std::vector<std::string> names;
    for (const std::int16_t format : formats) {
        if (names.size() == kMaxListed) break;
        names.push_back(format == 0 ? "text" : format == 1 ? "binary" : std::to_string(format));
    }
    return fmt::format("{}", fmt::join(names, ", "));
}

void add_values(Fields& fields, std::string_view name, const std::vector<std::optional<Bytes>>& values,
                const std::vector<std::int16_t>& formats, const std::vector<std::uint32_t>& types) {
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (i == kMaxListed) {
            fields.emplace_back("…", counted(values.size() - i, "further value"));
            return;
        }
        const std::uint32_t type = i < types.size() ? types[i] : 0;
        fields.emplace_back(fmt::format("{}{}", name, i + 1), value_text(values[i], format_at(formats, i), type));
    }
}

Fields fields_of(const pgwire::FrontendMessage& message, const std::vector<std::uint32_t>& types) {
    Fields fields;
    if (const auto* parse = std::get_if<pgwire::Parse>(&message)) {
        std::vector<std::string> names;
        for (const std::uint32_t type : parse->parameter_types) names.push_back(type_text(type));
        fields.emplace_back("statement", name_text(parse->statement));
        fields.emplace_back("sql", printable(parse->sql, kMaxText));
        if (!names.empty()) fields.emplace_back("types", fmt::format("{}", fmt::join(names, ", ")));
    } else if (const auto* bind = std::get_if<pgwire::Bind>(&message)) {
        fields.emplace_back("portal", name_text(bind->portal));
        fields.emplace_back("statement", name_text(bind->statement));
        add_values(fields, "$", bind->parameters, bind->parameter_formats, types);
        fields.emplace_back("results as", formats_text(bind->result_formats));
    } else if (const auto* describe = std::get_if<pgwire::Describe>(&message)) {
        fields.emplace_back(describe->target == pgwire::Target::portal ? "portal" : "statement",
                            name_text(describe->name));
    } else if (const auto* close = std::get_if<pgwire::Close>(&message)) {
        fields.emplace_back(close->target == pgwire::Target::portal ? "portal" : "statement", name_text(close->name));
    } else if (const auto* execute = std::get_if<pgwire::Execute>(&message)) {
        fields.emplace_back("portal", name_text(execute->portal));
        fields.emplace_back("max rows", execute->max_rows == 0 ? "all" : std::to_string(execute->max_rows));
    } else if (const auto* query = std::get_if<pgwire::Query>(&message)) {
        fields.emplace_back("sql", printable(query->sql, kMaxText));
    } else if (const auto* call = std::get_if<pgwire::FunctionCall>(&message)) {
        fields.emplace_back("function", fmt::format("oid {}", call->function_oid));
        add_values(fields, "argument ", call->arguments, call->argument_formats, {});
    } else if (const auto* data = std::get_if<pgwire::CopyData>(&message)) {
        fields.emplace_back("data", printable(data->data, kMaxValue));
    } else if (const auto* fail = std::get_if<pgwire::CopyFail>(&message)) {
        fields.emplace_back("reason", printable(fail->message, kMaxText));
    }
    return fields;
}

}  // namespace

MessageItem item_of(const ScannedFrame& frame, const std::vector<std::uint32_t>& types) {
    MessageItem item;
    const std::string_view name = pgwire::frontend_message_name(frame.tag);
    item.name = name.empty() ? "unknown message " + printable(BytesView(&frame.tag, 1)) : std::string(name);
    if (frame.cut) {
        item.fields.emplace_back("size", counted(frame.size, "byte") + ", only its beginning is shown");
        item.fields.emplace_back("begins", printable(frame.body, kMaxValue));
        return item;
    }
    const auto message = pgwire::decode_frontend({frame.tag, frame.body, {}});
    if (message && !std::holds_alternative<pgwire::PasswordMessage>(*message)) {
        item.fields = fields_of(*message, types);
    } else if (!message) {
        item.fields.emplace_back("not understood", message.error().message);
    }
    if (frame.size > 5) item.fields.emplace_back("size", counted(frame.size, "byte"));
    return item;
}

}  // namespace understudy::app::inspect
