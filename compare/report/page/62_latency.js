// Statements that became slower or quicker, the slower ones first.
const LATENCY_ORDER = ['regressed', 'improved', 'no change', 'insufficient'];
const PLACES_AT_ONCE = 20;
const OPEN_AT_FIRST = 3;

function ratioText(place) {
  if (typeof place.ratio !== 'number') return '';
  const interval = typeof place.low === 'number' && typeof place.high === 'number' ?
    ` (${place.low.toFixed(2)} to ${place.high.toFixed(2)})` : '';
  return `× ${place.ratio.toFixed(2)}${interval}`;
}

function ratioSentence(place) {
  if (typeof place.ratio !== 'number') return '';
  const interval = typeof place.low === 'number' && typeof place.high === 'number' ?
    ` (95 % interval ${place.low.toFixed(2)} to ${place.high.toFixed(2)})` : '';
  const metric = place.metric ? `, by the ${place.metric}` : '';
  return `The candidate takes ${place.ratio.toFixed(2)} times as long as the baseline${interval}${metric}.`;
}

function numbersTable(place) {
  const columns = [['median_ms', 'median'], ['p95_ms', '95 %'], ['p99_ms', '99 %']];
  const row = (name, side) => el('tr', {}, el('th', {scope: 'row', text: name}),
    columns.map(([field]) => el('td.figure', {text: milliseconds((side || {})[field])})));
  const change = el('tr', {}, el('th', {scope: 'row', text: 'Ratio'}), columns.map(([field]) => {
    const ratio = (place.candidate || {})[field] / (place.baseline || {})[field];
    return el('td.figure', {text: isFinite(ratio) ? `× ${ratio.toFixed(2)}` : '–'});
  }));
  return el('table.numbers', {}, el('caption.unseen', {text: 'Durations'}),
    el('thead', {}, el('tr', {}, el('td'), columns.map(([, label]) => el('th.figure', {scope: 'col', text: label})))),
    el('tbody', {}, row('Baseline', place.baseline), row('Candidate', place.candidate), change));
}

function plansOf(place) {
  const plan = place.plan || {};
  if (!plan.baseline && !plan.candidate) return null;
  const side = (name, text) => el('div.answer', {}, el('h4', {text: `Plan of the ${name}`}),
    block('pre', `Plan of the ${name}`, visible(asText(text) || '(not known)')));
  return [
    plan.first_difference && el('p', {}, el('strong', {text: 'Plans differ first in: '}), asText(plan.first_difference)),
    el('div.answers', {}, side('baseline', plan.baseline), side('candidate', plan.candidate)),
  ];
}

function latencyPlace(place, open) {
  const summary = [
    place.verdict && badge(place.verdict),
    el('span.ratio', {text: ratioText(place)}),
    el('h3.what', {}, oneLine(place.statement)),
    place.calls !== undefined && el('span.quiet.calls', {text: times(place.calls, 'call')}),
  ];
  return disclosure('place', summary, () => [el('div.place-body', {},
    place.why && el('p.explanation', {text: sentence(place.why)}),
    distributionChart(place), numbersTable(place),
    ratioSentence(place) && el('p.quiet', {text: ratioSentence(place)}),
    place.statement && sqlBlock(place.statement, 'Statement'), plansOf(place))], open);
}

function latencyCounts(places) {
  return LATENCY_ORDER.map((verdict) => [verdict, places.filter((place) => place.verdict === verdict).length])
    .filter(([, count]) => count > 0).map(([verdict, count]) => `${number(count)} ${verdict}`).join(', ');
}

/// The section's content, or nothing when the report does not judge latency.
function latencySection(report) {
  const latency = report.latency;
  if (!latency) return null;
  const rank = (place) => (LATENCY_ORDER.indexOf(place.verdict) + LATENCY_ORDER.length + 1) % (LATENCY_ORDER.length + 1);
  const places = [...asArray(latency.places)].sort((a, b) => rank(a) - rank(b) || (b.ratio || 0) - (a.ratio || 0));
  const list = el('div.places');
  let opened = 0;
  const more = inParts(list, places, PLACES_AT_ONCE, (place) => {
    return latencyPlace(place, place.verdict === 'regressed' && opened++ < OPEN_AT_FIRST);
  });
  const left = (latency.pipelined || 0) + (latency.not_measured || 0);
  const said = [
    latency.pairs !== undefined && `${times(latency.pairs, 'pair')} of runs.`,
    latency.tested !== undefined && `${number(latency.tested)} of ${times(latency.statements, 'statement')} could be judged.`,
    sentence(latency.power), sentence(latency.note),
    left > 0 && `${times(left, 'exchange')} of several statements, or that failed, were not measured.`,
  ].filter(Boolean).join(' ');
  return [
    said && el('p', {text: said}),
    places.length > 0 ? el('p.tally', {text: latencyCounts(places)}) :
      el('p', {text: 'No statement ran often enough to be judged.'}),
    list, more,
  ];
}
