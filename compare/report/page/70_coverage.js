// What was compared, and whether enough of it can be trusted.
const MAX_AMBIGUOUS = 5;
const MAX_TAINTED = 1;
const MIN_COVERAGE = 98;

/// A bar with a mark where the limit lies; the numbers stand beside it in words.
function limitBar(share, limit) {
  const full = Math.max(limit * 1.6, share);
  const at = (value) => full > 0 ? 100 * value / full : 0;
  const state = share > limit ? 'over' : 'within';
  return svg('svg', {class: `bar ${state}`, viewBox: '0 0 100 10', preserveAspectRatio: 'none', 'aria-hidden': 'true'},
    svg('rect', {class: 'bar-ground', x: 0, y: 2, width: 100, height: 6}),
    svg('rect', {class: 'bar-value', x: 0, y: 2, width: Math.max(at(share), share > 0 ? 0.8 : 0), height: 6}),
    svg('line', {class: 'bar-limit', x1: at(limit), x2: at(limit), y1: 0, y2: 10}));
}

/// Steps that were not judged: the sum of the reasons, or what the percentage leaves.
function notCompared(report) {
  const reasons = Object.values(report.not_compared || {}).reduce((sum, count) => sum + count, 0);
  return reasons || Math.max(0, ((report.coverage || {}).steps || 0) - (report.compared || 0));
}

function limitsOf(report) {
  const coverage = report.coverage || {};
  const compared = report.compared || 0;
  const least = typeof coverage.min_percent === 'number' ? coverage.min_percent : MIN_COVERAGE;
  return [
    {what: 'not compared', count: notCompared(report), limit: 100 - least,
      share: typeof coverage.percent === 'number' ? 100 - coverage.percent : percent(notCompared(report), coverage.steps),
      says: 'steps that were not judged; the reasons are below'},
    {what: 'ambiguous', count: coverage.steps_ambiguous, limit: MAX_AMBIGUOUS,
      share: percent(coverage.steps_ambiguous || 0, compared),
      says: 'other sessions changed what they read at the same time, and the recording does not say which came first'},
    {what: 'tainted', count: coverage.steps_tainted, limit: MAX_TAINTED, share: percent(coverage.steps_tainted || 0, compared),
      says: 'they come after something that did not happen as it was recorded'},
  ].filter((row) => row.count !== undefined);
}

function limitsTable(report) {
  const rows = limitsOf(report).map((row) => {
    const over = row.share > row.limit;
    return el('tr', {role: 'row'}, el('th', {scope: 'row', role: 'rowheader'}, row.what, el('span.says.quiet', {text: row.says})),
      el('td.figure', {role: 'cell', 'data-label': 'steps', text: number(row.count)}),
      el('td.figure', {role: 'cell', 'data-label': 'share', text: percentText(row.share)}),
      el('td.figure', {role: 'cell', 'data-label': 'limit', text: percentText(row.limit).replace('.00', '').replace('.0 ', ' ')}),
      el('td.meter', {role: 'cell'}, limitBar(row.share, row.limit)),
      el('td', {role: 'cell'}, el(`span.badge.is-${over ? 'over' : 'within'}`, {}, icon(over ? 'over' : 'within'),
        el('span', {text: over ? 'over the limit' : 'within the limit'}))));
  });
  const heads = ['', 'Steps', 'Share', 'Limit', '', ''];
  return el('table.limits', {role: 'table'}, el('caption', {text: 'Above a limit, a verdict of no difference would mislead'}),
    el('thead', {role: 'rowgroup'}, el('tr', {role: 'row'}, heads.map((text, i) => text ?
      el(`th${i > 0 ? '.figure' : ''}`, {scope: 'col', role: 'columnheader', text}) : el('td', {role: 'cell'})))),
    el('tbody', {role: 'rowgroup'}, rows));
}

function reasonsTable(report) {
  const reasons = Object.entries(report.not_compared || {}).sort((a, b) => b[1] - a[1]);
  if (reasons.length === 0) return null;
  const steps = (report.coverage || {}).steps;
  return el('table.plain-table', {}, el('caption', {text: 'Not compared, by reason'}),
    el('thead', {}, el('tr', {}, el('th', {scope: 'col', text: 'Reason'}), el('th.figure', {scope: 'col', text: 'Steps'}),
      steps > 0 && el('th.figure', {scope: 'col', text: 'Share'}))),
    el('tbody', {}, reasons.map(([reason, count]) => el('tr', {}, el('th', {scope: 'row', text: reason}),
      el('td.figure', {text: number(count)}), steps > 0 && el('td.figure', {text: percentText(percent(count, steps))})))));
}

/// The numbers of the coverage that have no limit, in words.
function coverageFacts(report) {
  const coverage = report.coverage || {};
  const counted = (value, what) => value === undefined ? '' : times(value, what);
  const other = (value, text) => value > 0 ? `${times(value, 'step')} ${text}` : '';
  return el('dl.facts', {},
    fact('Compared', coverage.steps === undefined ? counted(report.compared, 'step') :
      `${number(report.compared)} of ${counted(coverage.steps, 'step')}`),
    fact('Exchanges', coverage.exchanges === undefined ? '' :
      `${number(coverage.exchanges_compared)} of ${number(coverage.exchanges)}`),
    fact('Differing', other(coverage.steps_differing, 'differ in anything, noise too')),
    fact('Folded', other(coverage.steps_folded, 'belong to an error before them')),
    fact('Excused', other(coverage.steps_excused, 'differ and are set apart for their order alone')),
    fact('Added', other(coverage.steps_only_in_candidate, 'of the candidate that the baseline has not')),
    fact('Control', other(coverage.steps_in_control, 'judged against the control')),
    fact('Confirmation', other(coverage.steps_in_confirmation, 'judged against the confirmation')));
}

function coverageSection(report) {
  if (!report.coverage && !report.not_compared && report.compared === undefined) return null;
  return [el('div.scroll', {}, limitsTable(report)), coverageFacts(report), reasonsTable(report)];
}
