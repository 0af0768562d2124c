#include "schema/check/describe_pipeline.hpp"

#include <fmt/format.h>

#include "core/pgwire/frontend_messages.hpp"
#include "core/pgwire/message_tag.hpp"
#include "schema/check/plan_pipeline.hpp"

namespace understudy::schema {

BytesView DescribePipeline::next_bytes() {
    out_.clear();
    // Refilled by halves, so that many statements share a system call.
    if (asked_ - answers_.size() > kInFlight / 2) return {};
    while (asked_ < questions_.size() && asked_ - answers_.size() < kInFlight) {
        const Question& question = questions_[asked_++];
        pgwire::encode_frontend_to(out_, pgwire::Parse{{}, Bytes(question.sql), question.parameter_types});
        pgwire::encode_frontend_to(out_, pgwire::Describe{pgwire::Target::statement, {}});
        pgwire::encode_frontend_to(out_, pgwire::Sync{});
    }
    return out_;
}

Result<void> DescribePipeline::refused(BytesView body) {
    UNDERSTUDY_TRY(current_.refusal, refusal_of(body));
    return {};
}

Result<void> DescribePipeline::on_frame(const pgwire::FrameView& frame) {
    using enum pgwire::BackendTag;
    switch (static_cast<pgwire::BackendTag>(frame.tag)) {
        case parse_complete:
        case no_data:
        case notice_response:
        case notification_response:
        case parameter_status: return {};
        case error_response: return refused(frame.body);
        case parameter_description: {
            UNDERSTUDY_TRY(auto description, pgwire::decode_parameter_description(frame.body));
            current_.parameters = std::move(description.types);
            return {};
        }
        case row_description: {
            UNDERSTUDY_TRY(auto description, pgwire::decode_row_description(frame.body));
            current_.columns = std::move(description.columns);
            return {};
        }
        case ready_for_query:
            if (answers_.size() == asked_)
                return make_error(Errc::protocol, "the server answered more than it was asked");
            answers_.push_back(std::move(current_));
            current_ = Description();
            return {};
        default:
            return make_error(Errc::protocol, fmt::format("the server answered a Parse with message 0x{:02x}",
                                                          static_cast<unsigned char>(frame.tag)));
    }
}

}  // namespace understudy::schema
