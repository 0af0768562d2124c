#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <memory>

#include "app/capture_input.hpp"
#include "app/command.hpp"
#include "app/options.hpp"
#include "capture/edit/merger.hpp"
#include "core/store/capture_codec.hpp"
#include "core/store/capture_reader.hpp"
#include "core/store/capture_writer.hpp"

namespace understudy::app {
namespace {

struct MergeOptions {
    std::vector<std::string> captures;
    std::string output;
    std::vector<std::string> offsets;
    Keys keys;
    std::string encrypt_to;
};

/// One host's capture: its files one after the other.
struct Input {
    std::string name;
    std::vector<std::string> files;
    std::size_t next_file = 0;
    store::KeyRing keys;
    std::unique_ptr<store::CaptureReader> reader;
    std::optional<Event> head;
    Timestamp key;  ///< time of the head, shifted; of what came before it where that is later
};

Result<std::vector<std::optional<Duration>>> given_offsets(const MergeOptions& options) {
    std::vector<std::optional<Duration>> given(options.captures.size());
    for (const std::string& text : options.offsets) {
        const std::size_t equals = text.rfind('=');
        double seconds = 0;
        const char* end = text.data() + text.size();
        bool number = equals != std::string::npos;
        if (number) {
            const auto [rest, error] = std::from_chars(text.data() + equals + 1, end, seconds);
            number = error == std::errc() && rest == end && std::abs(seconds) < 1e9;
        }
        const auto& captures = options.captures;
        const auto named = std::find(captures.begin(), captures.end(), text.substr(0, equals));
        if (!number || named == captures.end()) {
            return make_error(Errc::usage,
                              fmt::format("'{}' is not an offset; write CAPTURE=SECONDS with one of the captures to be "
                                          "merged, for example {}=-1.5",
                                          text, captures.front()));
        }
        given[static_cast<std::size_t>(named - captures.begin())] =
            Duration::nanoseconds(static_cast<std::int64_t>(seconds * 1e9));
    }
    return given;
}

std::string alignment_text(const capture::Alignment& alignment, bool given, bool first) {
    const double seconds = alignment.shift.to_seconds();
    if (given) return fmt::format("{:+.6f} s as given", seconds);
    if (first) return "the clock of all";
    if (!alignment.estimate) return "no session in common with the others: offset 0, uncertainty unknown";
    return fmt::format("{:+.6f} s, ± {} by {} in common", seconds,
                       inspect::duration_text(alignment.estimate->uncertainty),
                       inspect::counted(alignment.estimate->sessions, "session"));
}

/// The next event of an input, if there is one.
Result<void> advance(Input& input, std::size_t index, Duration shift, capture::Merger& merger) {
    input.head.reset();
    while (true) {
        if (input.reader == nullptr) {
            if (input.next_file == input.files.size()) return {};
            UNDERSTUDY_TRY(input.reader, store::CaptureReader::open(input.files[input.next_file++], input.keys));
        }
        UNDERSTUDY_TRY(input.head, input.reader->next());
        if (input.head) break;
        merger.end_of_file(index);
        input.reader.reset();
    }
    Event timed = CancelSent{{}, store::event_time(*input.head)};
    capture::shift_times(timed, shift);
    input.key = std::max(input.key, store::event_time(timed));
    return {};
}

Result<void> write_all(std::vector<Input>& inputs, const std::vector<capture::MergeInput>& plan,
                       capture::Merger& merger) {
    for (std::size_t i = 0; i < inputs.size(); ++i) UNDERSTUDY_CHECK(advance(inputs[i], i, plan[i].shift, merger));
    while (true) {
        std::size_t next = inputs.size();
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            if (inputs[i].head && (next == inputs.size() || inputs[i].key < inputs[next].key)) next = i;
        }
        if (next == inputs.size()) return {};
        merger.on_event(next, std::move(*inputs[next].head));
        UNDERSTUDY_CHECK(advance(inputs[next], next, plan[next].shift, merger));
    }
}

/// Sets description and uncertainty, and says them.
void describe(CaptureHeader& header, const MergeOptions& options, const std::vector<capture::Alignment>& alignments,
              const std::vector<std::optional<Duration>>& given) {
    header.source = "merged";
    header.description = "merge of";
    for (std::size_t i = 0; i < alignments.size(); ++i) {
        const std::string text = alignment_text(alignments[i], given[i].has_value(), i == 0);
        header.description += fmt::format("{} {} ({})", i == 0 ? "" : ",", options.captures[i], text);
        fmt::print("{}: {}\n", options.captures[i], text);
        if (!alignments[i].known) {
            header.clock_uncertainty_ns = -1;
        } else if (alignments[i].estimate && header.clock_uncertainty_ns >= 0) {
            header.clock_uncertainty_ns =
                std::max(header.clock_uncertainty_ns, alignments[i].estimate->uncertainty.count_ns());
        }
    }
}

Result<void> run_merge(MergeOptions& options) {
    UNDERSTUDY_CHECK(options.keys.load());
    UNDERSTUDY_TRY(const auto given, given_offsets(options));
    UNDERSTUDY_TRY(const auto files, input_files(options.captures));
    UNDERSTUDY_CHECK(refuse_to_overwrite(options.output, files));
    UNDERSTUDY_TRY(CaptureHeader header, common_header(files, options.keys.ring));
    std::vector<Input> inputs;
    std::vector<capture::SketchBook> books(options.captures.size());
    for (std::size_t i = 0; i < options.captures.size(); ++i) {
        Input input;
        input.name = options.captures[i];
        input.keys = options.keys.ring;
        UNDERSTUDY_TRY(input.files, input_files({options.captures[i]}));
        for (const std::string& file : input.files) {
            UNDERSTUDY_TRY(const auto read,
                           read_capture(file, options.keys.ring, [&](Event&& event) { books[i].on_event(event); }));
        }
        inputs.push_back(std::move(input));
    }
    const std::vector<capture::Alignment> alignments = capture::align(books, given);
    const std::vector<capture::MergeInput> plan = capture::plan_merge(books, alignments);
    books.clear();
    describe(header, options, alignments, given);
    UNDERSTUDY_TRY(const auto encryption, output_encryption(files, options.keys, options.encrypt_to));
    UNDERSTUDY_TRY(const auto file, store::CaptureFile::create(options.output, header, encryption));
    store::EventWriter writer(*file);
    capture::Merger merger(plan, writer);
    UNDERSTUDY_CHECK(write_all(inputs, plan, merger));
    merger.finish();
    writer.flush();
    if (writer.failure()) return *writer.failure();
    UNDERSTUDY_CHECK(file->finish());
    fmt::print("{}: {} of {}; {} seen on several hosts and written once\n", options.output,
               inspect::counted(writer.events(), "record"), inspect::counted(files.size(), "file"),
               inspect::counted(merger.counts().at("merge.sessions_recorded_twice"), "session"));
    if (const std::uint64_t unaligned = merger.counts().at("merge.sessions_unaligned"); unaligned > 0) {
        fmt::print(
            stderr,
            "understudy: {} of them were open before both captures began and could not be put together: the more "
            "complete record is kept, and up to {} of the other left out\n",
            inspect::count_text(unaligned),
            inspect::counted(merger.counts().at("merge.exchanges_unaligned"), "exchange"));
    }
    return {};
}

}  // namespace

void add_merge_command(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<MergeOptions>();
    CLI::App* command = app.add_subcommand("merge", "Join captures of several hosts into one, in order of time.");
    command->add_option("CAPTURE", options->captures, "Captures: of each host a file or a directory")
        ->required()
        ->expected(2, 64);
    command->add_option("--output", options->output, "The file to write")->required();
    add_key_option(*command, options->keys);
    command->add_option("--encrypt-to", options->encrypt_to,
                        "Encrypt to this public key (default: to whom the captures are encrypted)");
    command
        ->add_option("--offset", options->offsets,
                     "CAPTURE=SECONDS: what to add to the times of a capture (default: estimated from sessions that\n"
                     "both hosts saw; 0 where there are none)")
        ->allow_extra_args(false);
    command->footer(
        "All captures need the same results policy and digest key. Times become those of the first capture.\n"
        "A session that several hosts saw is written once, as the most complete capture has it.\n"
        "Examples:\n"
        "  understudy merge app1.pgcap app2.pgcap db.pgcap --output all.pgcap\n"
        "  understudy merge app1.pgcap db.pgcap --offset db.pgcap=-0.25 --output all.pgcap");
    command->callback([options, &exit_code] {
        const auto result = run_merge(*options);
        exit_code = result ? static_cast<int>(kPassed) : fail(result.error());
    });
}

}  // namespace understudy::app
