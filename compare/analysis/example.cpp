#include "compare/analysis/example.hpp"

#include "core/pgwire/backend_messages.hpp"
#include "core/pgwire/frontend_messages.hpp"
#include "core/pgwire/message_tag.hpp"
#include "core/pgwire/value.hpp"
#include "core/sql/literal_text.hpp"

namespace understudy::compare {
namespace {

/// The values that the step's statement was given: by its own Bind, or for a Parse by the next Bind of it.
BoundPortalPtr portal_for(const ObservedExchange& exchange, const StepContext& context) {
    if (context.portal) return context.portal;
    for (const StepContext& later : exchange.contexts) {
        if (later.step > context.step && later.kind == StepKind::bind && later.text == context.text)
            return later.portal;
    }
    return nullptr;
}

/// The types that the server found out, else those that were declared.
std::vector<std::uint32_t> parameter_types(const ObservedExchange& exchange, const StepContext& context,
                                           BytesView known) {
    for (const ObservedStep& step : exchange.steps) {
        if (!known.empty() || step.result.parameter_description.empty()) continue;
        const StepContext* described = context_of(exchange, step.index, StepKind::describe);
        if (described != nullptr && described->text == context.text) known = step.result.parameter_description;
    }
    if (!known.empty()) {
        if (auto description = pgwire::decode_parameter_description(known)) return std::move(description->types);
    }
    return context.text->parameter_types;
}

Bytes with_values(const ObservedExchange& exchange, const StepContext& context, BytesView known,
                  const TypeNames& names) {
    const auto portal = portal_for(exchange, context);
    const auto oids = parameter_types(exchange, context, known);
    std::vector<Bytes> type_names;
    for (const std::uint32_t oid : oids) type_names.emplace_back(names.name(oid));
    const Bytes& sql = context.text->sql;
    if (portal && !portal->bind_body.empty()) {
        const auto message =
            pgwire::decode_frontend({static_cast<char>(pgwire::FrontendTag::bind), portal->bind_body, {}});
        const auto* bind = message ? std::get_if<pgwire::Bind>(&*message) : nullptr;
        if (bind == nullptr) return sql;
        std::vector<std::optional<Bytes>> values;
        for (std::size_t i = 0; i < bind->parameters.size(); ++i) {
            const auto& formats = bind->parameter_formats;
            const std::int16_t format = formats.empty()       ? std::int16_t{0}
                                        : formats.size() == 1 ? formats[0]
                                        : i < formats.size()  ? formats[i]
                                                              : std::int16_t{0};
            const auto& value = bind->parameters[i];
            const std::uint32_t oid = i < oids.size() ? oids[i] : 0;
            values.push_back(value ? std::optional(pgwire::display_value(oid, format, *value)) : std::nullopt);
        }
        return sql::substitute_parameters(sql, values, type_names);
    }
    if (sql.find('$') == Bytes::npos) return sql;
    // Without values it can still be prepared, which is where such statements fail.
    Bytes prepare = "PREPARE example";
    for (std::size_t i = 0; i < type_names.size(); ++i) {
        prepare += i == 0 ? " (" : ", ";
        prepare += type_names[i].empty() ? Bytes("unknown") : type_names[i];
    }
    return prepare + (type_names.empty() ? " AS " : ") AS ") + sql;
}

Bytes runnable(const ObservedExchange& exchange, const StepDifference& difference, BytesView known,
               const TypeNames& names) {
    const StepContext* context = difference.context;
    if (context == nullptr || !context->text) return {};
    Bytes sql = context->kind == StepKind::statement ? statement_of(context, difference.step)
                                                     : with_values(exchange, *context, known, names);
    while (!sql.empty() && (sql.back() == ';' || sql.back() == ' ' || sql.back() == '\n')) sql.pop_back();
    if (sql.size() > kMaxExampleBytes || context->text->cut) {
        sql.resize(std::min(sql.size(), kMaxExampleBytes));
        return sql + " … (cut: too long)";
    }
    return sql + ";";
}

}  // namespace

bool is_better_example(const Example& other, const Example& than) {
    const auto rank = [](const Example& example) {
        return std::tuple(example.rows.rows.empty(), example.asked, example.exchange.session, example.exchange.ordinal,
                          example.step);
    };
    return rank(other) < rank(than);
}

Example make_example(const ObservedExchange& baseline, const StepDifference& difference,
                     BytesView parameter_description, ShapeComparer& shapes, const PrimaryKeys& keys) {
    Example example;
    example.exchange = baseline.id;
    example.asked = baseline.asked;
    example.step = difference.step;
    const StepResult* a = difference.baseline;
    const StepResult* b = difference.other;
    example.kind = a != nullptr ? a->kind : b != nullptr ? b->kind : StepKind::unknown;
    example.sql = runnable(baseline, difference, parameter_description, shapes.baseline_types());
    example.baseline = a != nullptr ? answer_in_words(*a, shapes.baseline_types()) : Bytes("no answer to this step");
    example.candidate = b != nullptr ? answer_in_words(*b, shapes.candidate_types()) : Bytes("no answer to this step");
    if (difference.divergence.kind == DivergenceKind::transaction_status) {
        example.baseline = "transaction status " + difference.divergence.baseline;
        example.candidate = "transaction status " + difference.divergence.candidate;
    }
    if (is_shape(difference.divergence.kind)) {
        example.baseline += "; " + difference.divergence.place + ": " + difference.divergence.baseline;
        example.candidate += "; " + difference.divergence.place + ": " + difference.divergence.candidate;
    }
    const bool about_rows = is_soft(difference.divergence.kind) && a != nullptr && b != nullptr;
    if (about_rows) example.rows = differing_rows(*a, *b, shapes, keys);
    return example;
}

}  // namespace understudy::compare
