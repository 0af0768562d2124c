#include "capture/redact/session_redactor.hpp"

#include "core/pgwire/backend_messages.hpp"
#include "core/pgwire/frontend_messages.hpp"
#include "core/pgwire/message_lists.hpp"
#include "core/pgwire/message_tag.hpp"

namespace understudy::capture {
namespace {

using pgwire::BackendTag;
using pgwire::FrontendTag;

pgwire::FrameView first_frame(const Bytes& frames) { return {frames[0], BytesView(frames).substr(5), frames}; }

void remember(std::unordered_map<Bytes, PlanPointer>& names, BytesView name, const PlanPointer& plan,
              std::size_t most) {
    Bytes key(name);
    names.erase(key);
    if (names.size() < most) names.emplace(std::move(key), plan);
}

std::int16_t format_at(const std::vector<std::int16_t>& formats, std::size_t index) {
    if (formats.size() == 1) return formats[0];
    return index < formats.size() ? formats[index] : std::int16_t{0};
}

}  // namespace

SessionRedactor::Exchange& SessionRedactor::exchange_of(std::uint32_t ordinal) {
    if (exchanges_.size() >= kMaxPlans && !exchanges_.contains(ordinal)) exchanges_.erase(exchanges_.begin());
    return exchanges_[ordinal];
}

void SessionRedactor::some_missed() {
    statements_.clear();
    portals_.clear();
    names_ = {};
    copies_in_.clear();
    for (auto& [ordinal, exchange] : exchanges_) exchange.unknown = true;
}

void SessionRedactor::setting(BytesView name, BytesView value) {
    if (name == "standard_conforming_strings") explicit_escapes_ = value == "off";
}

pgwire::FrameView SessionRedactor::frontend(const pgwire::FrameView& frame, std::uint32_t ordinal, Bytes& scratch) {
    scratch.clear();
    bool changed = false;
    switch (static_cast<FrontendTag>(frame.tag)) {
        case FrontendTag::query: changed = query(frame.body, ordinal, scratch); break;
        case FrontendTag::parse: changed = parse(frame.body, scratch); break;
        case FrontendTag::bind: changed = bind(frame.body, ordinal, scratch); break;
        case FrontendTag::execute:
            if (const auto view = pgwire::view_name(frame)) execute(view->name, ordinal);
            break;
        case FrontendTag::close:
            if (const auto view = pgwire::view_name(frame)) {
                (view->target == 'S' ? statements_ : portals_).erase(Bytes(view->name));
            }
            break;
        case FrontendTag::copy_data:
        case FrontendTag::copy_done:
        case FrontendTag::copy_fail: changed = copy_in(frame, scratch); break;
        case FrontendTag::function_call: redaction_.count("redact.function_calls"); break;
        default: break;
    }
    return changed ? first_frame(scratch) : frame;
}

bool SessionRedactor::query(BytesView body, std::uint32_t ordinal, Bytes& scratch) {
    const std::size_t zero = body.find('\0');
    if (zero == BytesView::npos) return false;
    const BytesView sql = body.substr(0, zero);
    copies_in_.clear();
    const RewrittenSql rewritten = rewrite_sql(sql, explicit_escapes_, redaction_, names_);
    for (const PlanPointer& plan : rewritten.plans) expect(plan, ordinal);
    if (rewritten.sql == sql) return false;
    pgwire::write_frame(scratch, 'Q', [&](ByteWriter& writer) {
        writer.bytes(rewritten.sql);
        writer.bytes(body.substr(zero));
    });
    return true;
}

bool SessionRedactor::parse(BytesView body, Bytes& scratch) {
    const auto view = pgwire::view_parse(body);
    if (!view) return false;
    const RewrittenSql rewritten = rewrite_sql(view->sql, explicit_escapes_, redaction_, names_);
    auto plan = std::make_shared<StatementPlan>();
    if (!rewritten.plans.empty()) *plan = *rewritten.plans.front();
    ByteReader types(view->parameter_types);
    while (types.remaining() >= 4) plan->parameter_types.push_back(types.u32());
    remember(statements_, view->statement, plan, kMaxNames);
    if (rewritten.sql == view->sql) return false;
    const auto after = static_cast<std::size_t>(view->sql.data() + view->sql.size() - body.data());
    pgwire::write_frame(scratch, 'P', [&](ByteWriter& writer) {
        writer.c_string(view->statement);
        writer.bytes(rewritten.sql);
        writer.bytes(body.substr(after));
    });
    return true;
}

bool SessionRedactor::bind(BytesView body, std::uint32_t ordinal, Bytes& scratch) {
    const pgwire::FrameView frame{'B', body, body};
    auto decoded = pgwire::decode_frontend(frame);
    if (!decoded) return false;
    auto& message = std::get<pgwire::Bind>(*decoded);
    const auto found = statements_.find(message.statement);
    PlanPointer plan = found == statements_.end() ? nullptr : found->second;
    if (plan == nullptr) {
        redaction_.count("redact.unknown_statements");
        auto unknown = std::make_shared<StatementPlan>();
        unknown->unparsed = true;
        plan = std::move(unknown);
        exchange_of(ordinal).unknown = true;
    }
    remember(portals_, message.portal, found == statements_.end() ? nullptr : plan, kMaxNames);
    bool changed = false;
    for (std::size_t i = 0; i < message.parameters.size(); ++i) {
        auto& value = message.parameters[i];
        if (!value || !plan->hides_parameter(i)) continue;
        const std::uint32_t type = i < plan->parameter_types.size() ? plan->parameter_types[i] : 0;
        value = redaction_.tokens().wire(type, format_at(message.parameter_formats, i), *value);
        redaction_.count("redact.parameters");
        changed = true;
    }
    if (changed) pgwire::encode_frontend_to(scratch, message);
    return changed;
}

void SessionRedactor::execute(BytesView portal, std::uint32_t ordinal) {
    const auto found = portals_.find(Bytes(portal));
    copies_in_.clear();
    if (found != portals_.end() && found->second != nullptr) {
        expect(found->second, ordinal);
    } else {
        exchange_of(ordinal).unknown = true;
    }
}

/// The plan's statement is executed.
void SessionRedactor::expect(const PlanPointer& plan, std::uint32_t ordinal) {
    Exchange& exchange = exchange_of(ordinal);
    if (!plan->outputs.empty() || plan->all_outputs || plan->unparsed) exchange.plans.push_back(plan);
    if (!plan->copy) return;
    (plan->copy->layout.from ? copies_in_ : exchange.copies_out).emplace_back(*plan->copy, redaction_);
}

bool SessionRedactor::copy_in(const pgwire::FrameView& frame, Bytes& scratch) {
    if (copies_in_.empty()) {
        if (frame.tag != static_cast<char>(FrontendTag::copy_data)) return false;
        redaction_.count("redact.unknown_copy_data");
        CopyPlan everything;
        everything.all = true;
        copies_in_.emplace_back(std::move(everything), redaction_);
    }
    Bytes data;
    if (frame.tag == static_cast<char>(FrontendTag::copy_data)) {
        copies_in_.front().feed(frame.body, data);
        pgwire::write_frame(scratch, 'd', [&](ByteWriter& writer) { writer.bytes(data); });
        return true;
    }
    copies_in_.front().finish(data);
    copies_in_.pop_front();
    if (data.empty()) return false;
    pgwire::write_frame(scratch, 'd', [&](ByteWriter& writer) { writer.bytes(data); });
    scratch.append(frame.whole);
    return true;
}

pgwire::FrameView SessionRedactor::backend(const pgwire::FrameView& frame, std::uint32_t ordinal, BytesView description,
                                           Bytes& scratch) {
    scratch.clear();
    exchanges_.erase(exchanges_.begin(), exchanges_.lower_bound(ordinal));
    bool changed = false;
    switch (static_cast<BackendTag>(frame.tag)) {
        case BackendTag::data_row:
            changed = row(frame.body, exchange_of(ordinal), ordinal, description, scratch);
            break;
        case BackendTag::copy_data: {
            auto& copies = exchange_of(ordinal).copies_out;
            if (copies.empty()) break;
            pgwire::write_frame(scratch, 'd', [&](ByteWriter& writer) {
                Bytes data;
                copies.front().feed(frame.body, data);
                writer.bytes(data);
            });
            changed = true;
            break;
        }
        case BackendTag::copy_done: {
            auto& copies = exchange_of(ordinal).copies_out;
            if (!copies.empty()) copies.pop_front();
            break;
        }
        case BackendTag::error_response: changed = detail(frame.body, scratch); break;
        case BackendTag::parameter_status: {
            ByteReader reader(frame.body);
            const BytesView name = reader.c_string();
            const BytesView value = reader.c_string();
            if (reader.ok()) setting(name, value);
            break;
        }
        default: break;
    }
    return changed ? first_frame(scratch) : frame;
}

bool SessionRedactor::hides_column(BytesView name, std::uint32_t table, std::int16_t attribute,
                                   const Exchange& exchange) const {
    const int origin = redaction_.hides_origin(table, attribute);
    if (origin >= 0) return origin == 1;
    bool named = false;
    bool stars = exchange.plans.empty();
    bool any_other = exchange.unknown;
    for (const PlanPointer& plan : exchange.plans) {
        if (plan->unparsed) return true;
        stars = stars || plan->all_outputs;
        for (const auto& [output, hidden] : plan->outputs) {
            if (output.empty()) any_other = any_other || hidden;
            if (output != name) continue;
            if (hidden) return true;
            named = true;
        }
    }
    if (table == 0 && any_other && !named) return true;
    return (!named || stars || exchange.unknown) && redaction_.rules().cover({}, {}, name);
}

void SessionRedactor::describe(BytesView description, const Exchange& exchange) {
    columns_.clear();
    hides_any_ = false;
    const auto decoded = pgwire::decode_row_description(description);
    if (!decoded) return;
    for (const pgwire::ColumnDescription& column : decoded->columns) {
        const bool hide = hides_column(column.name, column.table_oid, column.attribute, exchange);
        const bool computed = column.table_oid == 0;
        hides_any_ = hides_any_ || hide;
        if (hide && computed) redaction_.count("redact.computed_columns");
        columns_.push_back({hide, computed, column.type_oid, column.format});
    }
}

/// A document that a statement makes of columns becomes a json string: its names may be values.
Bytes SessionRedactor::cell(const ColumnAction& column, BytesView value) const {
    constexpr std::uint32_t kJson = 114;
    constexpr std::uint32_t kJsonb = 3802;
    if (!column.computed || (column.type_oid != kJson && column.type_oid != kJsonb)) {
        return redaction_.tokens().wire(column.type_oid, column.format, value);
    }
    const bool versioned = column.type_oid == kJsonb && column.format == 1 && !value.empty();
    const BytesView text = value.substr(versioned ? 1 : 0);
    const std::size_t begin = text.find_first_not_of(" \t\r\n");
    const bool document = begin != BytesView::npos && (text[begin] == '{' || text[begin] == '[');
    if (!document) return redaction_.tokens().wire(column.type_oid, column.format, value);
    const Bytes token = redaction_.tokens().text("document " + Bytes(text));
    return Bytes(value.substr(0, versioned ? 1 : 0)) + '"' + token + '"';
}

bool SessionRedactor::row(BytesView body, const Exchange& exchange, std::uint32_t ordinal, BytesView description,
                          Bytes& scratch) {
    if (description.empty()) {
        redaction_.count("redact.rows_without_description");
        columns_.clear();
        described_ = nullptr;
    } else if (described_ != description.data() || described_ordinal_ != ordinal ||
               described_plans_ != exchange.plans.size()) {
        describe(description, exchange);
        described_ = description.data();
        described_ordinal_ = ordinal;
        described_plans_ = exchange.plans.size();
    }
    if (!description.empty() && !hides_any_) return false;
    std::size_t cells = 0;
    Bytes values;
    ByteWriter writer(values);
    const bool well_formed = pgwire::for_each_cell(body, [&](std::size_t index, std::optional<BytesView> value) {
        ++cells;
        if (!value) return writer.i32(-1);
        const bool known = index < columns_.size();
        if (known && !columns_[index].hide) {
            writer.u32(static_cast<std::uint32_t>(value->size()));
            return writer.bytes(*value);
        }
        // Without a description the format is not known either: what can be printed is taken for text.
        const Bytes token = known ? cell(columns_[index], *value) : redaction_.tokens().wire(0, 1, *value);
        writer.u32(static_cast<std::uint32_t>(token.size()));
        writer.bytes(token);
    });
    pgwire::write_frame(scratch, 'D', [&](ByteWriter& out) {
        if (!well_formed) return out.u16(0);
        out.u16(static_cast<std::uint16_t>(cells));
        out.bytes(values);
    });
    return true;
}

/// "Key (email)=(ann@example.com) already exists.": the digest of the text is to be that of the token's.
bool SessionRedactor::detail(BytesView body, Bytes& scratch) {
    constexpr BytesView kBegin = "Key (";
    constexpr BytesView kMiddle = ")=(";
    auto fields = pgwire::decode_server_fields(body);
    if (!fields) return false;
    const BytesView schema = pgwire::field(*fields, 's');
    const BytesView table = pgwire::field(*fields, 't');
    bool changed = false;
    for (auto& [letter, text] : *fields) {
        const std::size_t middle = text.find(kMiddle);
        const std::size_t end = text.rfind(") ");
        if (letter != 'D' || !text.starts_with(kBegin) || middle == Bytes::npos || end == Bytes::npos ||
            end < middle + kMiddle.size()) {
            continue;
        }
        const Bytes column = text.substr(kBegin.size(), middle - kBegin.size());
        if (!redaction_.hides(sql::ColumnUse{Bytes(schema), Bytes(table), column, 0})) continue;
        const std::size_t from = middle + kMiddle.size();
        text.replace(from, end - from, redaction_.tokens().text(BytesView(text).substr(from, end - from)));
        changed = true;
    }
    if (!changed) return false;
    pgwire::ErrorResponse response;
    response.fields = std::move(*fields);
    scratch = pgwire::encode_backend(pgwire::BackendMessage(std::move(response)));
    return true;
}

}  // namespace understudy::capture
