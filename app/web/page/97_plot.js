// Lines over time, drawn for the width that there is; the numbers stand in a table beside them.
const PLOT = {left: 52, right: 12, top: 10, bottom: 8};

function niceTop(value) {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 2.5, 5, 10].map((step) => step * power).find((top) => top >= value * 0.999);
}

/// `lines`: [{name, values}], of one length; a value that is null leaves a gap. `low`, `high`: the scale's ends, if fixed.
function linePlot(lines, {height = 140, says, text = (value) => number(+value.toPrecision(3)), low = 0, high} = {}) {
  const width = roomFor(640);
  const values = lines.flatMap((line) => line.values).filter((value) => typeof value === 'number' && isFinite(value));
  const top = high || niceTop(Math.max(0, ...values));
  const most = Math.max(2, ...lines.map((line) => line.values.length));
  const x = (i) => PLOT.left + (width - PLOT.left - PLOT.right) * i / (most - 1);
  const y = (value) => height - PLOT.bottom - (height - PLOT.top - PLOT.bottom) * (value - low) / (top - low || 1);
  const path = (line) => {
    let pen = 'M';
    return line.values.map((value, i) => {
      if (typeof value !== 'number' || !isFinite(value)) {
        pen = 'M';
        return '';
      }
      const step = `${pen}${x(i).toFixed(1)} ${y(value).toFixed(1)}`;
      pen = 'L';
      return step;
    }).join('');
  };
  return el('figure.chart.plot', {},
    svg('svg', {viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': says},
      [low, (low + top) / 2, top].map((tick) => [
        svg('line', {class: 'tick', x1: PLOT.left, x2: width - PLOT.right, y1: y(tick), y2: y(tick)}),
        svg('text', {x: PLOT.left - 6, y: y(tick) + 4, 'text-anchor': 'end', text: text(tick)}),
      ]),
      lines.flatMap((line, i) => [
        svg('path', {class: `plot-line line-${i}`, d: path(line)}),
        ...line.values.map((value, at) => most <= 60 && typeof value === 'number' && isFinite(value) ?
          svg('circle', {class: `plot-dot line-${i}`, cx: x(at), cy: y(value), r: 2.5}) : null),
      ])),
    lines.length > 1 && el('figcaption.quiet', {}, lines.map((line, i) =>
      [el(`span.key.key-${i}`, {'aria-hidden': 'true'}), `${line.name} `])));
}
