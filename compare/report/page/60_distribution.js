// Two distributions of one statement's durations in one drawing: the baseline as an outline over the candidate's area.
const CHART = {height: 190, left: 10, right: 10, top: 34, bottom: 30};

const LABEL_WIDTH = 180;

/// Drawings are made for the width that there is, so that their letters keep their size.
const roomFor = (widest) => Math.max(288, Math.min(widest, document.documentElement.clientWidth - 32));

/// Edges that a logarithm can be taken of, or nothing if there are too few.
function usableEdges(histogram) {
  const edges = asArray(histogram && histogram.edges_ms).map(Number);
  if (edges.length < 3) return null;
  if (!(edges[0] > 0)) edges[0] = edges[1] / 2;
  const last = edges.length - 1;
  if (!isFinite(edges[last]) || edges[last] <= edges[last - 1]) edges[last] = edges[last - 1] * 2;
  return edges.every((edge, i) => isFinite(edge) && edge > 0 && (i === 0 || edge > edges[i - 1])) ? edges : null;
}

/// Share of the calls for each unit of the axis, so that bins of different widths can be compared.
function densities(counts, edges) {
  const total = asArray(counts).reduce((sum, count) => sum + count, 0);
  return edges.slice(1).map((edge, i) => total > 0 ? (counts[i] || 0) / total / Math.log(edge / edges[i]) : 0);
}

/// 1, 2 and 5 of each decade; only the decades where that would be too many.
function logTicks(low, high, most) {
  const decades = Math.log10(high / low);
  const steps = [[1, 2, 5], [1, 3], [1]].find((list) => decades * list.length <= most) || [1];
  const ticks = [];
  for (let exponent = Math.floor(Math.log10(low)); exponent <= Math.ceil(Math.log10(high)); ++exponent) {
    for (const step of steps) ticks.push(step * 10 ** exponent);
  }
  return ticks.filter((tick) => tick >= low * 0.999 && tick <= high * 1.001);
}

/// Steps along the bins, closed at the bottom.
function stepsPath(values, edges, x, y) {
  const parts = [`M${x(edges[0]).toFixed(1)} ${y(0).toFixed(1)}`];
  values.forEach((value, i) => parts.push(`V${y(value).toFixed(1)}H${x(edges[i + 1]).toFixed(1)}`));
  return parts.join('') + `V${y(0).toFixed(1)}`;
}

function axis(edges, x, bottom, width) {
  return logTicks(edges[0], edges.at(-1), width / 80).map((tick) => [
    svg('line', {class: 'tick', x1: x(tick), x2: x(tick), y1: CHART.top, y2: bottom + 4}),
    svg('text', {class: 'tick-label', x: Math.min(Math.max(x(tick), 22), width - 22), y: bottom + 18,
      'text-anchor': 'middle', text: milliseconds(tick)}),
  ]);
}

/// A line at the median, with its label beside it, above the drawing.
function medianMark(name, ms, edges, x, bottom, row, width) {
  if (!(ms >= edges[0] && ms <= edges.at(-1))) return [];
  const at = x(ms);
  const leftward = at + LABEL_WIDTH > width;
  return [
    svg('line', {class: `median ${name}`, x1: at, x2: at, y1: 6 + row * 14, y2: bottom}),
    svg('text', {class: 'median-label', x: at + (leftward ? -5 : 5), y: 14 + row * 14, 'text-anchor': leftward ? 'end' : 'start',
      text: `${name} median ${milliseconds(ms)}`}),
  ];
}

/// The drawing, or nothing if the report has no histogram.
function distributionChart(place) {
  const edges = usableEdges(place.histogram);
  if (!edges) return null;
  const baseline = densities(place.histogram.baseline, edges);
  const candidate = densities(place.histogram.candidate, edges);
  const bottom = CHART.height - CHART.bottom;
  const span = Math.log(edges.at(-1) / edges[0]);
  const peak = Math.max(...baseline, ...candidate) || 1;
  const width = roomFor(640);
  const x = (ms) => CHART.left + (width - CHART.left - CHART.right) * Math.log(ms / edges[0]) / span;
  const y = (density) => bottom - (bottom - CHART.top) * density / peak;
  const [before, after] = [place.baseline || {}, place.candidate || {}];
  const says = `Durations on a logarithmic scale. Baseline median ${milliseconds(before.median_ms)}, candidate median ` +
    `${milliseconds(after.median_ms)}. The table after this drawing has the numbers.`;
  return el('figure.chart', {},
    svg('svg', {viewBox: `0 0 ${width} ${CHART.height}`, role: 'img', 'aria-label': says},
      axis(edges, x, bottom, width),
      svg('path', {class: 'candidate-area', d: stepsPath(candidate, edges, x, y)}),
      svg('path', {class: 'baseline-line', d: stepsPath(baseline, edges, x, y)}),
      svg('line', {class: 'ground', x1: CHART.left, x2: width - CHART.right, y1: bottom, y2: bottom}),
      medianMark('baseline', before.median_ms, edges, x, bottom, 0, width),
      medianMark('candidate', after.median_ms, edges, x, bottom, 1, width)),
    el('figcaption.quiet', {}, el('span.key.outline', {'aria-hidden': 'true'}), 'baseline (outline)',
      el('span.key.area', {'aria-hidden': 'true'}), 'candidate (area)'));
}
