#include "schema/migration/answer_reader.hpp"

#include <algorithm>
#include <charconv>

#include "core/pgwire/frontend_messages.hpp"
#include "core/pgwire/message_tag.hpp"

namespace understudy::schema {
namespace {

using pgwire::BackendTag;

std::size_t position_of(const pgwire::ServerFields& fields) {
    const BytesView text = pgwire::field(fields, 'P');
    std::size_t position = 0;
    std::from_chars(text.data(), text.data() + text.size(), position);
    return position;
}

Bytes command_tag(BytesView body) { return Bytes(body.substr(0, body.find('\0'))); }

}  // namespace

AnswerReader::AnswerReader(const Script& script, std::size_t first, std::size_t count, bool whole, Timestamp sent)
    : script_(script), first_(first), count_(count), whole_(whole), last_(sent) {}

StatementResult& AnswerReader::current() {
    if (open_) return results_.back();
    open_ = true;
    StatementResult& result = results_.emplace_back();
    // More answers than statements: the last statement's rules or its text (a block) hold several.
    const std::size_t nth = std::min(results_.size() - 1, count_ == 0 ? 0 : count_ - 1);
    result.index = first_ + nth;
    if (result.index < script_.statements.size()) {
        result.line = script_.statements[result.index].line;
        result.text = script_.statements[result.index].text;
    }
    result.start = last_;
    return result;
}

void AnswerReader::finish(Timestamp now) {
    current().end = now;
    open_ = false;
    last_ = now;
}

/// The server parses the whole Query before it runs the first statement: such an error belongs where its position is.
void AnswerReader::fail(pgwire::ServerFields fields, Timestamp now) {
    StatementResult& result = current();
    const std::size_t position = whole_ ? position_of(fields) : 0;
    if (position > 0 && results_.size() == 1) {
        const std::size_t index = statement_at(script_, position);
        if (index < script_.statements.size()) {
            result.index = index;
            result.line = script_.statements[index].line;
            result.text = script_.statements[index].text;
        }
    }
    result.command_tag.clear();
    result.error = std::move(fields);
    failed_ = true;
    finish(now);
}

Result<Bytes> AnswerReader::on_frame(const pgwire::FrameView& frame, Timestamp now) {
    switch (static_cast<BackendTag>(frame.tag)) {
        case BackendTag::command_complete:
            current().command_tag = command_tag(frame.body);
            finish(now);
            return Bytes();
        case BackendTag::empty_query_response: finish(now); return Bytes();
        case BackendTag::error_response: {
            UNDERSTUDY_TRY(auto fields, pgwire::decode_server_fields(frame.body));
            fail(std::move(fields), now);
            return Bytes();
        }
        case BackendTag::notice_response: {
            UNDERSTUDY_TRY(auto fields, pgwire::decode_server_fields(frame.body));
            StatementResult& result = current();
            if (result.notices.size() < kMaxNotices) result.notices.push_back(std::move(fields));
            return Bytes();
        }
        case BackendTag::copy_in_response:
            return pgwire::encode_frontend(pgwire::CopyFail{"a migration's script holds no data for COPY"});
        case BackendTag::ready_for_query:
            if (frame.body.size() != 1) return make_error(Errc::protocol, "the server's ReadyForQuery is malformed");
            transaction_status_ = frame.body[0];
            ready_ = true;
            // A notice may come after the last CommandComplete; it belongs to that statement.
            if (open_ && results_.size() > 1) {
                auto late = std::move(results_.back().notices);
                results_.pop_back();
                for (auto& notice : late) results_.back().notices.push_back(std::move(notice));
            }
            open_ = false;
            return Bytes();
        default: return Bytes();  // rows, their description, COPY's data, settings: not kept
    }
}

void AnswerReader::on_end() {
    if (!open_ && !failed_ && results_.size() < count_) current();
    open_ = false;
}

}  // namespace understudy::schema
