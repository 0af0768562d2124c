#include "compare/history/night_series.hpp"

#include <algorithm>
#include <cmath>

namespace understudy::compare {
namespace {

double median_of(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    if (values.size() % 2 == 1) return *middle;
    return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

/// The effect of each night, one after the other, and taken out of the series.
std::vector<double> take_out_nights(std::map<std::string, NightSeries>& statements, std::size_t nights,
                                    std::vector<double> NightSeries::*side) {
    std::vector<std::vector<double>> distances(nights);
    for (const auto& [name, series] : statements) {
        const double own = median_of(series.*side);
        for (std::size_t i = 0; i < series.nights.size(); ++i) distances[series.nights[i]].push_back((series.*side)[i] - own);
    }
    std::vector<double> effects;
    for (const auto& night : distances) {
        effects.push_back(night.size() < NightTable::kLeastStatements ? 0 : median_of(night));
    }
    for (auto& [name, series] : statements) {
        for (std::size_t i = 0; i < series.nights.size(); ++i) (series.*side)[i] -= effects[series.nights[i]];
    }
    return effects;
}

}  // namespace

NightTable make_night_table(const std::vector<LatencyPoint>& points) {
    NightTable table;
    for (const LatencyPoint& point : points) {
        if (table.runs.empty() || table.runs.back() != point.run) table.runs.push_back(point.run);
    }
    const std::size_t left_out = table.runs.size() > NightTable::kNights ? table.runs.size() - NightTable::kNights : 0;
    table.runs.erase(table.runs.begin(), table.runs.begin() + static_cast<std::ptrdiff_t>(left_out));
    double last_total = 0;
    std::size_t night = 0;
    std::map<std::string, double> last_times;
    for (const LatencyPoint& point : points) {
        if (table.runs.empty() || point.run < table.runs.front()) continue;
        while (table.runs[night] != point.run) ++night;
        const StatementLatency& one = point.latency;
        const double whole = one.candidate.median_ms * static_cast<double>(one.calls);
        if (night + 1 == table.runs.size()) {
            last_total += whole;
            last_times[one.fingerprint] = whole;
        }
        const bool counts = one.calls >= NightTable::kLeastCalls && one.candidate.median_ms > 0 && one.baseline.median_ms > 0;
        if (!counts) continue;
        NightSeries& series = table.statements[one.fingerprint];
        series.nights.push_back(night);
        series.candidate.push_back(std::log(one.candidate.median_ms));
        series.baseline.push_back(std::log(one.baseline.median_ms));
    }
    for (auto& [name, series] : table.statements) {
        const auto time = last_times.find(name);
        series.share = time == last_times.end() || last_total <= 0 ? 0 : time->second / last_total;
    }
    if (table.statements.size() < NightTable::kLeastStatements) return table;
    for (std::size_t i = 0; i < table.runs.size(); ++i) table.all.nights.push_back(i);
    table.all.candidate = take_out_nights(table.statements, table.runs.size(), &NightSeries::candidate);
    table.all.baseline = take_out_nights(table.statements, table.runs.size(), &NightSeries::baseline);
    table.all.share = 1;
    return table;
}

}  // namespace understudy::compare
