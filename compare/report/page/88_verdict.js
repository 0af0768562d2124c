// The first glance: the verdict, why, and how much it rests on.
const VERDICTS = {
  same: {word: 'Same', says: 'The candidate answers as the baseline does.'},
  divergent: {word: 'Divergent', says: 'The candidate does not answer as the baseline does.'},
  inconclusive: {word: 'Inconclusive', says: 'A verdict would mislead.'},
};

function measure(term, value, more) {
  return el('div.measure', {}, el('dt', {text: term}),
    el('dd', {}, el('span.value', {text: value}), more && el('span.quiet', {text: more})));
}

function measures(report, entries) {
  const coverage = report.coverage || {};
  const apart = apartLists(report);
  const stated = typeof coverage.percent === 'number';
  const share = stated ? `${coverage.percent.toFixed(1)} % of ${times(coverage.steps, 'step')}` : 'steps';
  return el('dl.measures', {},
    report.compared !== undefined && measure('Compared', number(report.compared), share),
    measure('Findings', number(entries.length), report.diverged > 0 && `${times(report.diverged, 'difference')}`),
    measure('Set apart', number(apart.reduce((sum, list) => sum + list.total, 0)),
      apart.map((list) => `${number(list.total)} ${list.word}`).join(', ')));
}

/// One button for each severity that occurs; it narrows the findings to these.
function severityButtons(counts, onSeverity) {
  if (!counts) return null;
  return el('ul.severities', {'aria-label': 'Findings by severity'}, SEVERITIES.map((severity) => {
    const count = counts[severity] || 0;
    const content = [icon(severity), el('span.value', {text: number(count)}), el('span', {text: severity})];
    const name = `severity-count.is-${severity.replace(' ', '-')}`;
    return el('li', {}, count === 0 ? el(`span.${name}.none`, {}, content) :
      el(`button.${name}`, {type: 'button', click: () => onSeverity(severity)}, content));
  }));
}

function fillVerdict(report, entries, onSeverity) {
  const section = document.getElementById('verdict');
  const known = Object.hasOwn(VERDICTS, report.verdict);
  const looks = known ? report.verdict : 'inconclusive';
  const unknown = {word: 'No verdict', says: 'The report states none that this page knows.'};
  const {word, says} = known ? VERDICTS[report.verdict] : unknown;
  const reasons = asArray(report.reasons);
  section.classList.add(`is-${looks}`);
  document.getElementById('verdict-heading').replaceChildren(icon(looks), el('span', {text: word}));
  const lesser = report.verdict === 'same' && entries.length > 0 ?
    'There are findings, but none as severe as what was asked to fail on (--fail-on).' : says;
  section.append(reasons.length === 0 ? el('p.reasons', {text: lesser}) :
    el('ul.reasons', {}, reasons.map((reason) => el('li', {text: sentence(reason)}))));
  section.append(measures(report, entries), ...[severityButtons(severityCounts(report, entries), onSeverity)].filter(Boolean));
  const remarks = asArray(report.remarks);
  if (remarks.length > 0) {
    section.append(el('div.remarks', {}, el('h3', {text: 'Remarks'}),
      el('ul', {}, remarks.map((remark) => el('li', {text: sentence(remark)})))));
  }
}
