// How rehearsals, and single statements, went from run to run.
function severitiesOf(point, severity) {
  return point.report ? (point.report.severities || {})[severity] || 0 : null;
}

function trendParts(points) {
  if (points.length === 0) return [el('p', {text: 'This rehearsal has not run yet.'})];
  const figures = (pick) => points.map((point) => point.report ? pick(point.report) : null);
  const heads = ['Run', 'Verdict', 'Breaking', 'Wrong answer', 'Risky', 'Cosmetic', 'Compared', 'Took'];
  return [
    el('h3', {text: 'Findings by severity'}),
    linePlot(SEVERITIES.map((name) => ({name, values: points.map((point) => severitiesOf(point, name))})),
      {says: `Findings of the last ${points.length} runs by severity. The table below has the numbers.`}),
    el('h3', {text: 'Share of the recording that was compared, per cent'}),
    linePlot([{name: 'compared', values: figures((report) => report.coverage_percent)}],
      {says: 'Share compared, run by run', high: 100}),
    el('h3', {text: 'Time that a run took, seconds'}),
    linePlot([{name: 'seconds', values: points.map((point) => point.seconds)}], {says: 'Time that each run took, in seconds'}),
    plainTable('Runs as a table, the newest first', heads, [...points].reverse().map((point) => [
      el('a', {href: `/runs/${point.id}`, text: timeText(point.created)}), badge(runWord(point)),
      ...SEVERITIES.map((name) => point.report ? number(severitiesOf(point, name)) : '–'),
      point.report ? `${point.report.coverage_percent.toFixed(1)} %` : '–', secondsText(point.seconds)]), [2, 3, 4, 5, 6, 7]),
  ];
}

function statementParts(trend) {
  const points = asArray(trend.points);
  if (points.length === 0) return [el('p', {text: 'The history has no times of this statement.'})];
  const series = (side, metric) => points.map((point) => (point[side] || {})[metric]);
  return [
    trend.statement && sqlBlock(trend.statement, 'Statement'),
    linePlot([{name: 'candidate, median', values: series('candidate', 'median_ms')},
      {name: 'baseline, median', values: series('baseline', 'median_ms')},
      {name: 'candidate, 95th percentile', values: series('candidate', 'p95_ms')}],
    {says: 'Durations of the statement, run by run. The table below has the numbers.', text: milliseconds}),
    plainTable('Times as a table', ['Run', 'Calls', 'Baseline median', 'Candidate median', 'Candidate p95', 'Candidate p99'],
      points.map((point) => [timeText(point.at), number(point.calls), milliseconds(point.baseline.median_ms),
        milliseconds(point.candidate.median_ms), milliseconds(point.candidate.p95_ms), milliseconds(point.candidate.p99_ms)]),
      [1, 2, 3, 4, 5]),
  ];
}

async function trendsPage() {
  heading('Trends');
  const main = document.getElementById('main');
  const query = new URLSearchParams(location.search);
  const {rehearsals} = await ask('/api/v1/rehearsals');
  const content = el('div');
  const select = el('select', {id: 'rehearsal', change: () => show()},
    rehearsals.map((one) => el('option', {value: one.name, text: one.title})));
  if (query.get('rehearsal')) select.value = query.get('rehearsal');
  const show = async () => {
    const {points} = await ask(`/api/v1/rehearsals/${encodeURIComponent(select.value)}/trend`);
    content.replaceChildren(...trendParts(points).flat());
    history.replaceState(null, '', `?${new URLSearchParams({...Object.fromEntries(query), rehearsal: select.value})}`);
  };
  main.replaceChildren(part('rehearsal-trend', 'A rehearsal', el('form.filters', {submit: (event) => event.preventDefault()},
    el('label', {for: 'rehearsal'}, el('span', {text: 'Rehearsal'}), select)), content));
  await show();
  const fingerprint = query.get('fingerprint');
  if (!fingerprint) return;
  const statement = el('div');
  main.prepend(part('statement-trend', `Statement ${fingerprint}`, statement));
  try {
    statement.append(...statementParts(await ask(`/api/v1/trends/${encodeURIComponent(fingerprint)}`)).flat().filter(Boolean));
  } catch (error) {
    statement.append(el('p', {text: sentence(error.message)}));
  }
}
