#include "core/store/step_codec.hpp"

#include "core/model/digest_mix.hpp"

namespace understudy::store {

void encode_pair(const Bytes& name, const Bytes& value, v1::Pair& to) {
    to.set_name(name);
    to.set_value(value);
}

void encode_identity(const SessionIdentity& from, v1::Identity& to) {
    to.set_user(from.user);
    to.set_database(from.database);
    to.set_application(from.application);
    for (const auto& [name, value] : from.startup) encode_pair(name, value, *to.add_startup());
    to.set_client(from.client);
    to.set_server(from.server);
    to.set_protocol(from.protocol);
    to.set_process_id(from.process_id);
    to.set_identified(from.identified);
}

SessionIdentity decode_identity(const v1::Identity& from) {
    SessionIdentity to;
    to.user = from.user();
    to.database = from.database();
    to.application = from.application();
    for (const auto& pair : from.startup()) to.startup.emplace_back(pair.name(), pair.value());
    to.client = from.client();
    to.server = from.server();
    to.protocol = from.protocol();
    to.process_id = from.process_id();
    to.identified = from.identified();
    return to;
}

void encode_message(const ServerMessage& from, v1::ServerMessage& to) {
    for (const auto& [letter, value] : from.fields) {
        auto& field = *to.add_fields();
        field.set_letter(static_cast<unsigned char>(letter));
        field.set_value(value);
    }
}

ServerMessage decode_message(const v1::ServerMessage& from) {
    ServerMessage to;
    for (const auto& field : from.fields()) to.fields.emplace_back(static_cast<char>(field.letter()), field.value());
    return to;
}

namespace {

template <class Message>
void encode_digest(const ResultDigest& from, bool rows, Message& to) {
    if (!from.cells.empty()) {
        to.mutable_cells()->Add(from.cells.begin(), from.cells.end());
    } else if (rows) {
        to.set_ordered(from.ordered);
        to.set_multiset(from.multiset);
        to.mutable_columns()->Add(from.columns.begin(), from.columns.end());
    }
}

template <class Message>
ResultDigest decode_digest(const Message& from, std::uint64_t rows) {
    ResultDigest to;
    to.cells.assign(from.cells().begin(), from.cells().end());
    if (to.cells.empty() && rows > 0) {
        to.ordered = from.ordered();
        to.multiset = from.multiset();
        to.columns.assign(from.columns().begin(), from.columns().end());
    }
    derive_from_cells(to, rows);
    return to;
}

}  // namespace

void encode_step(const StepResult& from, v1::StepResult& to, Timestamp time) {
    to.set_kind(static_cast<std::uint32_t>(from.kind));
    to.set_outcome(static_cast<std::uint32_t>(from.outcome));
    to.set_has_first(from.first.known());
    if (from.first.known()) to.set_first_ns(relative(from.first, from.end));
    to.set_end_ns(relative(from.end, time));
    if (!from.row_description.empty()) to.set_row_description(from.row_description);
    if (!from.parameter_description.empty()) to.set_parameter_description(from.parameter_description);
    to.set_rows(from.rows);
    encode_digest(from.digest, from.rows > 0, to);
    if (from.normalised) encode_digest(*from.normalised, from.rows > 0, *to.mutable_normalised());
    to.set_opaque_cells(from.digest.opaque_cells);
    if (!from.digest.column_forms.empty()) to.set_column_forms(from.digest.column_forms);
    for (const Bytes& row : from.kept_rows) to.add_kept_rows(row);
    if (!from.command_tag.empty()) to.set_command_tag(from.command_tag);
    if (from.error) encode_message(*from.error, *to.mutable_error());
    for (const ServerMessage& notice : from.notices) encode_message(notice, *to.add_notices());
    for (const auto& [name, value] : from.parameters) encode_pair(name, value, *to.add_parameters());
    for (const Bytes& channel : from.notified_channels) to.add_notified_channels(channel);
    for (const std::uint64_t digest : from.own_notifications) to.add_own_notifications(digest);
    if (from.copy != CopySummary{}) {
        auto& copy = *to.mutable_copy();
        copy.set_direction(static_cast<std::uint32_t>(from.copy.direction));
        copy.set_messages(from.copy.messages);
        copy.set_bytes(from.copy.bytes);
        copy.set_digest(from.copy.digest);
        copy.set_multiset_digest(from.copy.multiset_digest);
    }
    if (!from.note.empty()) to.set_note(from.note);
    if (from.marks != 0) to.set_marks(from.marks);
}

StepResult decode_step(v1::StepResult& from, Timestamp base, bool alone) {
    StepResult to;
    const auto last_kind = static_cast<std::uint32_t>(StepKind::function_call);
    const auto last_outcome = static_cast<std::uint32_t>(StepOutcome::not_sent);
    to.kind = from.kind() <= last_kind ? static_cast<StepKind>(from.kind()) : StepKind::unknown;
    to.outcome = from.outcome() <= last_outcome ? static_cast<StepOutcome>(from.outcome()) : StepOutcome::incomplete;
    to.end = absolute(from.end_ns(), base);
    if (from.has_first()) to.first = absolute(from.first_ns(), alone ? base : to.end);
    to.row_description = std::move(*from.mutable_row_description());
    to.parameter_description = std::move(*from.mutable_parameter_description());
    to.rows = from.rows();
    to.digest = decode_digest(from, to.rows);
    to.digest.opaque_cells = from.opaque_cells();
    to.digest.column_forms = std::move(*from.mutable_column_forms());
    if (from.has_normalised()) {
        to.normalised = decode_digest(from.normalised(), to.rows);
        to.normalised->opaque_cells = to.digest.opaque_cells;
    }
    for (auto& row : *from.mutable_kept_rows()) to.kept_rows.push_back(std::move(row));
    to.command_tag = std::move(*from.mutable_command_tag());
    if (from.has_error()) to.error = decode_message(from.error());
    for (const auto& notice : from.notices()) to.notices.push_back(decode_message(notice));
    for (const auto& pair : from.parameters()) to.parameters.emplace_back(pair.name(), pair.value());
    for (const auto& channel : from.notified_channels()) to.notified_channels.push_back(channel);
    to.own_notifications.assign(from.own_notifications().begin(), from.own_notifications().end());
    if (from.has_copy()) {
        const std::uint32_t direction = from.copy().direction();
        to.copy.direction = direction <= 3 ? static_cast<CopyDirection>(direction) : CopyDirection::none;
        to.copy.messages = from.copy().messages();
        to.copy.bytes = from.copy().bytes();
        to.copy.digest = from.copy().digest();
        to.copy.multiset_digest = from.copy().multiset_digest();
    }
    to.note = from.note();
    to.marks = from.marks();
    return to;
}

}  // namespace understudy::store
