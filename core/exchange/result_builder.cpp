#include "core/exchange/result_builder.hpp"

#include "core/base/byte_reader.hpp"
#include "core/exchange/message_privacy.hpp"
#include "core/pgwire/backend_messages.hpp"
#include "core/pgwire/message_tag.hpp"
#include "core/pgwire/value.hpp"

namespace understudy {
namespace {

/// Walks a RowDescription body: on_column(type_oid, offset of its format code). False when malformed.
template <class OnColumn>
bool for_each_column(BytesView body, OnColumn&& on_column) {
    ByteReader reader(body);
    const std::uint16_t count = reader.u16();
    for (std::size_t i = 0; i < count && reader.ok(); ++i) {
        reader.c_string();
        reader.u32();
        reader.u16();
        const std::uint32_t type_oid = reader.u32();
        reader.u16();
        reader.u32();
        const std::size_t format_at = reader.position();
        const std::int16_t format = reader.i16();
        if (reader.ok()) on_column(type_oid, format, format_at);
    }
    return reader.ok() && reader.at_end();
}

std::int16_t format_of(BytesView formats, std::size_t column) {
    if (formats.empty()) return 0;
    const std::size_t index = formats.size() == 2 ? 0 : column;
    if (formats.size() < 2 * (index + 1)) return 0;
    return ByteReader(formats.substr(2 * index)).i16();
}

/// Messages of which nothing is kept but their time.
bool says_only_when(pgwire::BackendTag tag) {
    using pgwire::BackendTag;
    return tag == BackendTag::parse_complete || tag == BackendTag::bind_complete || tag == BackendTag::no_data ||
           tag == BackendTag::row_description || tag == BackendTag::close_complete;
}

}  // namespace

std::uint32_t DescriptionTable::intern(BytesView body) {
    const auto found = by_body_.find(body);
    if (found != by_body_.end()) return found->second;
    Description description{Bytes(body), {}, true};
    const bool well_formed = for_each_column(body, [&](std::uint32_t type, std::int16_t format, std::size_t) {
        const bool settled = pgwire::has_settled_digest(type);
        description.columns.push_back({type, format, settled});
        description.settled = description.settled && settled;
    });
    if (!well_formed || full()) return kNone;
    const auto id = static_cast<std::uint32_t>(descriptions_.size());
    by_body_.emplace(description.body, id);
    body_bytes_ += body.size();
    descriptions_.push_back(std::move(description));
    return id;
}

std::uint32_t DescriptionTable::with_formats(std::uint32_t id, BytesView result_formats) {
    const Description& plain = get(id);
    bool same = true;
    for (std::size_t i = 0; i < plain.columns.size(); ++i) {
        same = same && plain.columns[i].format == format_of(result_formats, i);
    }
    if (same || id == kNone) return id;
    Bytes body = plain.body;
    std::size_t column = 0;
    for_each_column(plain.body, [&](std::uint32_t, std::int16_t, std::size_t format_at) {
        const auto format = static_cast<std::uint16_t>(format_of(result_formats, column++));
        body[format_at] = static_cast<char>(format >> 8U);
        body[format_at + 1] = static_cast<char>(format & 0xFFU);
    });
    return intern(body);
}

void ResultBuilder::add(const pgwire::FrameView& frame, Timestamp time) {
    using pgwire::BackendTag;
    if (!result_.first.known()) result_.first = time;
    last_ = time;
    gathered_ = gathered_ || !says_only_when(static_cast<BackendTag>(frame.tag));
    switch (static_cast<BackendTag>(frame.tag)) {
        case BackendTag::data_row: add_row(frame.body); break;
        case BackendTag::copy_data: add_copy_out(frame.body); break;
        case BackendTag::command_complete: result_.command_tag = frame.body.substr(0, frame.body.find('\0')); break;
        case BackendTag::error_response: result_.error = server_message(frame.body); break;
        case BackendTag::notice_response:
            if (result_.notices.size() < kMaxNotices) result_.notices.push_back(server_message(frame.body));
            break;
        case BackendTag::parameter_description: result_.parameter_description = frame.body; break;
        case BackendTag::copy_in_response: result_.copy.direction = CopyDirection::in; break;
        case BackendTag::copy_out_response: result_.copy.direction = CopyDirection::out; break;
        case BackendTag::copy_both_response: result_.copy.direction = CopyDirection::both; break;
        case BackendTag::function_call_response: {
            // One value without a description: hashed as the bytes they are.
            result_.rows = 1;
            const std::uint64_t cell = digester_.cell(pgwire::ValueClass::opaque_binary, frame.body);
            result_.digest.cells.assign(1, cell);
            result_.digest.opaque_cells = 1;
            derive_from_cells(result_.digest, 1);
            break;
        }
        case BackendTag::parameter_status: {
            ByteReader reader(frame.body);
            const BytesView name = reader.c_string();
            const BytesView value = reader.c_string();
            if (reader.ok()) result_.parameters.emplace_back(name, value);
            break;
        }
        case BackendTag::notification_response: add_notification(frame.body); break;
        default: break;
    }
}

/// Of a session's own NOTIFY the server tells it before it says that it is ready (PostgreSQL docs, LISTEN).
void ResultBuilder::add_notification(BytesView body) {
    ByteReader reader(body);
    const std::uint32_t process = reader.u32();
    const BytesView channel = reader.c_string();
    const BytesView payload = reader.c_string();
    if (!reader.ok() || result_.notified_channels.size() >= kMaxNotices) return;
    result_.notified_channels.emplace_back(channel);
    if (own_process_ == 0 || process != own_process_) return;
    scratch_.assign(channel);
    scratch_ += '\0';
    scratch_ += payload;
    result_.own_notifications.push_back(digester_.bytes(scratch_));
}

/// Mixes one value into the digests, those with mapped values too where its column is watched: the `next_watched`-th
/// of such columns is the next that comes.
std::uint64_t ResultBuilder::add_cell(std::size_t index, std::optional<BytesView> value, std::size_t& next_watched) {
    ResultDigest& digest = result_.digest;
    const bool watched = next_watched < watched_.size() && watched_[next_watched] == index;
    std::uint64_t cell = digester_.null_cell();
    std::uint64_t mapped = cell;
    if (value) {
        const auto* columns = description_ != nullptr ? &description_->columns : nullptr;
        const bool known = columns != nullptr && index < columns->size();
        const std::uint32_t type = known ? (*columns)[index].type_oid : 0;
        const std::int16_t format = known ? (*columns)[index].format : std::int16_t{0};
        const pgwire::CanonicalValue canonical = pgwire::canonical_value(type, format, *value, scratch_, &digester_.user_types());
        if (!known || canonical.value_class == pgwire::ValueClass::opaque_binary) ++digest.opaque_cells;
        if (known && !(*columns)[index].settled) note_form(index, *value, canonical);
        cell = digester_.cell(canonical.value_class, canonical.bytes);
        mapped = watched ? mapper_->on_cell(next_watched, canonical, cell) : cell;
    } else if (watched) {
        mapper_->on_null(next_watched);
    }
    if (watched) ++next_watched;
    accumulator_.add_cell(index, cell, digest);
    if (!watched_.empty()) normalised_accumulator_.add_cell(index, mapped, normalised_);
    return cell;
}

void ResultBuilder::note_form(std::size_t index, BytesView sent, const pgwire::CanonicalValue& canonical) {
    const bool by_bytes = canonical.value_class == pgwire::ValueClass::opaque_binary;
    auto bits = static_cast<unsigned>(by_bytes ? CellForm::by_bytes : CellForm::by_value);
    const bool reprinted = description_->columns[index].format == 0 && canonical.bytes.data() != sent.data();
    if (reprinted) bits |= static_cast<unsigned>(CellForm::reprinted);
    if (index >= result_.digest.column_forms.size()) return;
    char& form = result_.digest.column_forms[index];
    form = static_cast<char>(static_cast<unsigned char>(form) | bits);
}

void ResultBuilder::add_row(BytesView body) {
    ResultDigest& digest = result_.digest;
    if (result_.rows == 0 && description_ != nullptr && !description_->settled) {
        digest.column_forms.assign(description_->columns.size(), '\0');
    }
    ++result_.rows;
    accumulator_.begin_row();
    normalised_accumulator_.begin_row();
    const bool keep_cells = result_.rows == 1 || !digest.cells.empty();
    std::size_t next_watched = 0;
    pgwire::for_each_cell(body, [&](std::size_t index, std::optional<BytesView> value) {
        const std::uint64_t cell = add_cell(index, value, next_watched);
        if (keep_cells && digest.cells.size() <= kMaxCells) digest.cells.push_back(cell);
    });
    accumulator_.end_row(digest);
    if (!watched_.empty()) normalised_accumulator_.end_row(normalised_);
    // Rows of different widths are no result of PostgreSQL's; their digests would not follow from the cells.
    const bool even = digest.cells.size() == digest.columns.size() * result_.rows;
    if (digest.cells.size() > kMaxCells || !even) digest.cells.clear();
    keep_row(body);
}

void ResultBuilder::keep_row(BytesView body) {
    if (policy_ == ResultsPolicy::digest || too_large_to_sample_) return;
    kept_bytes_ += body.size();
    const bool too_large = result_.rows > kSampleRows || kept_bytes_ > kSampleBytes;
    if (policy_ == ResultsPolicy::sample && too_large) {
        result_.kept_rows.clear();
        too_large_to_sample_ = true;
        return;
    }
    result_.kept_rows.emplace_back(body);
}

std::vector<Bytes> ResultBuilder::take_rows_if_full() {
    if (policy_ != ResultsPolicy::full || kept_bytes_ < kMaxKeptBytes) return {};
    kept_bytes_ = 0;
    return std::exchange(result_.kept_rows, {});
}

void ResultBuilder::add_copy_out(BytesView data) {
    CopySummary& copy = result_.copy;
    ++copy.messages;
    copy.bytes += data.size();
    const std::uint64_t digest = digester_.bytes(data);
    copy.multiset_digest += digest;
    copy.digest = (copy.digest ^ digest) * 0xD6E8FEB86659FD93ULL + 1;
}

void ResultBuilder::add_copy_in(BytesView data) {
    // How a client cuts its data into messages means nothing, so only the amount is kept here: the data itself is in
    // the requests.
    gathered_ = true;
    ++result_.copy.messages;
    result_.copy.bytes += data.size();
}

ServerMessage ResultBuilder::server_message(BytesView body) const {
    ServerMessage message;
    auto fields = pgwire::decode_server_fields(body);
    if (fields) message.fields = std::move(*fields);
    return message;
}

/// Makes the moved-from result an empty one. Its strings and vectors are empty already; a new StepResult would cost
/// more than everything else that happens to a small step.
void ResultBuilder::clear_moved_from() {
    gathered_ = false;
    result_.rows = 0;
    result_.digest.ordered = 0;
    result_.digest.multiset = 0;
    result_.digest.opaque_cells = 0;
    result_.normalised.reset();
    result_.error.reset();
    result_.copy = {};
}

void ResultBuilder::take(StepKind kind, StepOutcome outcome, StepResult& result) {
    if (!watched_.empty()) {
        // Of a small result the cells are there: who learns from it normalises them.
        const bool other = normalised_.ordered != result_.digest.ordered;
        if (other && result_.digest.cells.empty()) {
            normalised_.opaque_cells = result_.digest.opaque_cells;
            result_.normalised = std::move(normalised_);
        }
        watch(nullptr, {});
    }
    if (gathered_) {
        result = std::move(result_);
        clear_moved_from();
    } else {
        result.first = result_.first;
    }
    result_.first = {};
    result.kind = kind;
    result.outcome = outcome;
    result.end = last_;
    const bool has_rows = result.rows > 0 && description_ != nullptr;
    const bool may_have_rows = kind == StepKind::execute || kind == StepKind::statement || kind == StepKind::describe;
    if (description_ != nullptr && (has_rows || may_have_rows)) result.row_description = description_->body;
    if (policy_ != ResultsPolicy::full || hide_messages_) {
        const auto hide = [this](ServerMessage& message, bool is_notice) {
            message = without_user_data(std::move(message), is_notice, digester_, hide_messages_);
        };
        if (result.error) hide(*result.error, false);
        for (ServerMessage& notice : result.notices) hide(notice, true);
    }
    description_ = nullptr;
    kept_bytes_ = 0;
    too_large_to_sample_ = false;
    last_ = {};
}

}  // namespace understudy
