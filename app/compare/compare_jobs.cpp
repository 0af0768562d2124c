#include "app/compare/compare_jobs.hpp"

#include <pthread.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <thread>
#include <vector>

#include "app/compare/compared_capture.hpp"
#include "compare/analysis/pairing.hpp"

namespace understudy::app {
namespace {

/// What the SQL parser's recursion is trusted with (core/sql/parser_guard.hpp), whatever `ulimit -s` says.
constexpr std::size_t kStackSize = std::size_t{16} << 20U;

struct OpenedCaptures {
    compare::PerSide<std::unique_ptr<ComparedCapture>> captures;
    compare::Inputs inputs{};
};

Result<OpenedCaptures> open_captures(const compare::PerSide<std::string>& paths, const Keys& keys) {
    OpenedCaptures opened;
    for (std::size_t i = 0; i < compare::kSides; ++i) {
        if (paths[i].empty()) continue;
        UNDERSTUDY_TRY(opened.captures[i], ComparedCapture::open(paths[i], keys));
        opened.inputs[i] = opened.captures[i].get();
    }
    return opened;
}

/// What a pipe holds can be read only once.
bool can_be_read_again(const compare::PerSide<std::string>& paths) {
    return std::none_of(paths.begin(), paths.end(), [](const std::string& path) {
        std::error_code error;
        return !path.empty() && !std::filesystem::is_regular_file(path, error) &&
               !std::filesystem::is_directory(path, error);
    });
}

void use_large_stacks() {
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0) return;
    if (pthread_attr_setstacksize(&attributes, kStackSize) == 0) pthread_setattr_default_np(&attributes);
    pthread_attr_destroy(&attributes);
}

}  // namespace

std::uint32_t default_compare_jobs() { return std::clamp(std::thread::hardware_concurrency(), 1U, 4U); }

Result<compare::ComparisonPart> compare_in_jobs(const compare::PerSide<std::string>& paths, const Keys& keys,
                                                const compare::ComparisonOptions& options, std::uint32_t jobs,
                                                std::optional<DigestKey>& baseline_key) {
    if (!can_be_read_again(paths)) jobs = 1;
    std::vector<OpenedCaptures> opened;
    for (std::uint32_t job = 0; job < jobs; ++job) {
        UNDERSTUDY_TRY(auto captures, open_captures(paths, keys));
        opened.push_back(std::move(captures));
    }
    baseline_key = opened.front().captures[index_of(compare::Side::baseline)]->digest_key();
    if (jobs == 1) return compare::compare_part(opened.front().inputs, options);
    std::vector<std::optional<Result<compare::ComparisonPart>>> parts(jobs);
    const auto work = [&](std::uint32_t job) {
        compare::ComparisonOptions own = options;
        own.part = options.part.share(job + 1, jobs);
        const std::size_t memory = own.memory_limit == 0 ? compare::Pairing::kDefaultMemoryLimit : own.memory_limit;
        own.memory_limit = std::max<std::size_t>(memory / jobs, 1);
        parts[job] = compare::compare_part(opened[job].inputs, own);
    };
    use_large_stacks();
    {
        std::vector<std::jthread> threads;
        for (std::uint32_t job = 0; job < jobs; ++job) threads.emplace_back(work, job);
    }
    UNDERSTUDY_TRY(auto whole, std::move(*parts.front()));
    for (std::uint32_t job = 1; job < jobs; ++job) {
        UNDERSTUDY_TRY(auto part, std::move(*parts[job]));
        UNDERSTUDY_CHECK(whole.add(std::move(part)));
    }
    whole.parts = {options.part};
    return whole;
}

}  // namespace understudy::app
