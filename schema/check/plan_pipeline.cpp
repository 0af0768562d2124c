#include "schema/check/plan_pipeline.hpp"

#include <fmt/format.h>

#include <charconv>

#include "core/pgwire/frontend_messages.hpp"
#include "core/pgwire/message_tag.hpp"
#include "core/sql/lexer.hpp"

namespace understudy::schema {
namespace {

constexpr BytesView kExplain = "EXPLAIN (COSTS OFF) ";

/// The recorded values, if there are as many as this server wants, else NULLs.
pgwire::Bind bind_of(const PlanQuestion& question) {
    pgwire::Bind bind;
    if (!question.bind.empty()) {
        const Bytes body = Bytes(2, '\0').append(question.bind);
        pgwire::FrameView frame;
        frame.tag = static_cast<decltype(frame.tag)>(pgwire::FrontendTag::bind);
        frame.body = body;
        if (auto decoded = pgwire::decode_frontend(frame)) {
            if (auto* recorded = std::get_if<pgwire::Bind>(&*decoded)) bind = std::move(*recorded);
        }
    }
    if (bind.parameters.size() != question.parameters) {
        bind.parameter_formats.clear();
        bind.parameters.assign(question.parameters, std::nullopt);
    }
    bind.result_formats.clear();
    return bind;
}

}  // namespace

Result<Refusal> refusal_of(BytesView body) {
    UNDERSTUDY_TRY(const auto fields, pgwire::decode_server_fields(body));
    const BytesView severity = pgwire::field(fields, 'V');
    if (severity == "FATAL" || severity == "PANIC") {
        return make_error(Errc::io, fmt::format("the server ended the connection: {}", pgwire::field(fields, 'M')));
    }
    Refusal refusal{Bytes(pgwire::field(fields, 'C')), Bytes(pgwire::field(fields, 'M')),
                    Bytes(pgwire::field(fields, 'H')), 0};
    const BytesView position = pgwire::field(fields, 'P');
    std::from_chars(position.data(), position.data() + position.size(), refusal.position);
    return refusal;
}

bool can_be_planned(BytesView sql) {
    const Bytes word = sql::first_word(sql);
    for (const BytesView each : {"select", "insert", "update", "delete", "merge", "with", "values", "table", ""}) {
        if (word == each) return true;
    }
    return false;
}

BytesView PlanPipeline::next_bytes() {
    out_.clear();
    if (asked_ - answers_.size() > kInFlight / 2) return {};
    while (asked_ < questions_.size() && asked_ - answers_.size() < kInFlight) {
        const PlanQuestion& question = questions_[asked_++];
        Bytes text(question.run ? BytesView() : kExplain);
        text.append(question.sql);
        pgwire::encode_frontend_to(out_, pgwire::Parse{{}, std::move(text), question.parameter_types});
        pgwire::encode_frontend_to(out_, bind_of(question));
        pgwire::encode_frontend_to(out_, pgwire::Execute{{}, 0});
        pgwire::encode_frontend_to(out_, pgwire::Sync{});
    }
    return out_;
}

Result<void> PlanPipeline::on_frame(const pgwire::FrameView& frame) {
    using enum pgwire::BackendTag;
    switch (static_cast<pgwire::BackendTag>(frame.tag)) {
        case error_response: {
            UNDERSTUDY_TRY(Refusal refusal, refusal_of(frame.body));
            // The position counts the EXPLAIN before it.
            refusal.position =
                refusal.position > kExplain.size() ? refusal.position - static_cast<std::uint32_t>(kExplain.size()) : 0;
            current_ = std::move(refusal);
            return {};
        }
        case ready_for_query:
            if (answers_.size() == asked_)
                return make_error(Errc::protocol, "the server answered more than it was asked");
            answers_.push_back(std::move(current_));
            current_.reset();
            return {};
        case parse_complete:
        case bind_complete:
        case data_row:
        case command_complete:
        case no_data:
        case row_description:
        case notice_response:
        case notification_response:
        case parameter_status: return {};
        default:
            return make_error(Errc::protocol, fmt::format("the server answered an EXPLAIN with message 0x{:02x}",
                                                          static_cast<unsigned char>(frame.tag)));
    }
}

}  // namespace understudy::schema
