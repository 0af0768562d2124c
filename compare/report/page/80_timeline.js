// When the sessions ran, and when their answers differed. Times are UTC.
const LINE = {left: 8, right: 8, bars: 64, gap: 18};
const SESSIONS_IN_TABLE = 50;

const epoch = (iso) => Date.parse(iso || '');
const clock = (ms, withSeconds) => new Date(ms).toISOString().slice(11, withSeconds ? 19 : 16);

/// The whole of what the sessions and the buckets cover.
function timelineSpan(sessions, timeline) {
  let [start, end] = [Infinity, -Infinity];
  for (const session of sessions) {
    start = Math.min(start, session.from);
    end = Math.max(end, session.to);
  }
  if (timeline) {
    start = Math.min(start, timeline.from);
    end = Math.max(end, timeline.from + timeline.bucket * timeline.steps.length);
  }
  return isFinite(start) && isFinite(end) ? [start, Math.max(end, start + 1000)] : null;
}

function timeTicks(start, end, most) {
  const steps = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600, 43200, 86400].map((seconds) => seconds * 1000);
  const day = steps.at(-1);
  const step = steps.find((candidate) => (end - start) / candidate <= most) || Math.ceil((end - start) / most / day) * day;
  const ticks = [];
  for (let at = Math.ceil(start / step) * step; at <= end; at += step) ticks.push(at);
  return [ticks, step < 60000];
}

function bucketBars(timeline, x, top) {
  const peak = Math.max(1, ...timeline.steps);
  const bars = [];
  timeline.steps.forEach((steps, i) => {
    const from = x(timeline.from + i * timeline.bucket);
    const width = Math.max(0.6, x(timeline.from + (i + 1) * timeline.bucket) - from - 0.6);
    const bar = (className, count, least) => {
      const height = count > 0 ? Math.max(least, LINE.bars * count / peak) : 0;
      if (height > 0) bars.push(svg('rect', {class: className, x: from, y: top + LINE.bars - height, width, height}));
    };
    bar('bucket', steps, 0.5);
    bar('bucket-differing', timeline.differing[i] || 0, 3);
  });
  return bars;
}

/// One line a session, thinner the more there are; those that differ end in a square.
function sessionLines(sessions, x, top, step) {
  const thick = Math.max(1, Math.min(7, step * 0.6));
  return sessions.map((session, i) => {
    const y = top + (i + 0.5) * step;
    const className = session.differs > 0 ? 'session differing' : 'session';
    const [from, to] = [x(session.from), Math.max(x(session.to), x(session.from) + 1.5)];
    const line = svg('line', {class: className, x1: from, x2: to, y1: y, y2: y, 'stroke-width': thick});
    const side = Math.max(thick, 3) + 2;
    if (!(session.differs > 0)) return [line];
    return [line, svg('rect', {class: 'session-mark', x: to - 1, y: y - side / 2, width: side, height: side})];
  });
}

function timelineDrawing(sessions, timeline, span) {
  const [start, end] = span;
  const width = roomFor(960);
  const x = (ms) => LINE.left + (width - LINE.left - LINE.right) * (ms - start) / (end - start);
  const top = timeline ? LINE.bars + LINE.gap : 6;
  const step = sessions.length === 0 ? 0 : Math.max(2, Math.min(12, 420 / sessions.length));
  const bottom = top + step * sessions.length + 4;
  const [ticks, withSeconds] = timeTicks(start, end, width / 110);
  const differing = sessions.filter((session) => session.differs > 0).length;
  const says = `${times(sessions.length, 'session')} from ${clock(start, true)} to ${clock(end, true)} UTC, ` +
    `${number(differing)} of which differ. The table after this drawing has the sessions.`;
  return el('figure.timeline', {},
    svg('svg', {viewBox: `0 0 ${width} ${bottom + 24}`, role: 'img', 'aria-label': says},
      ticks.map((tick) => [
        svg('line', {class: 'tick', x1: x(tick), x2: x(tick), y1: 0, y2: bottom + 4}),
        svg('text', {class: 'tick-label', x: Math.min(Math.max(x(tick), 28), width - 28), y: bottom + 18,
          'text-anchor': 'middle', text: clock(tick, withSeconds)}),
      ]),
      timeline ? bucketBars(timeline, x, 0) : [],
      sessionLines(sessions, x, top, step)),
    el('figcaption.quiet', {}, timeline && ['Bars: steps in ', `${+(timeline.bucket / 1000).toPrecision(3)} s; `,
      el('span.key.bucket-differing', {'aria-hidden': 'true'}), 'those that differ. '],
    sessions.length > 0 && ['Lines: sessions; ', el('span.key.session-mark', {'aria-hidden': 'true'}), 'one that differs. '],
    'Times are UTC.'));
}

function sessionTable(sessions) {
  const sorted = [...sessions].sort((a, b) => b.differs - a.differs || a.from - b.from);
  const body = el('tbody');
  const more = inParts(body, sorted, SESSIONS_IN_TABLE, (session) => el('tr', {},
    el('th', {scope: 'row'}, el('code', {text: session.name})), el('td', {text: session.who}),
    el('td', {text: timeText(session.first)}), el('td', {text: timeText(session.last)}),
    el('td.figure', {text: number(session.steps)}), el('td.figure', {text: number(session.differs)})));
  const heads = ['Session', 'User, application', 'First', 'Last', 'Steps', 'Differing'];
  const summary = el('div.line', {}, el('h3', {text: 'Sessions as a table'}),
    el('span.quiet', {text: times(sessions.length, 'session')}));
  return disclosure('apart-group', summary, () => [el('div.scroll', {tabindex: '0', role: 'group', 'aria-label': 'Sessions'},
    el('table.plain-table', {}, el('caption.unseen', {text: 'Sessions, those that differ most first'}),
      el('thead', {}, el('tr', {}, heads.map((text, i) => el(i > 3 ? 'th.figure' : 'th', {scope: 'col', text})))), body)), more]);
}

function timelineSection(report) {
  const sessions = asArray(report.sessions).map((session) => ({
    name: asText(session.session), who: [session.user, session.application].filter(Boolean).join(', ') || '–',
    first: session.first, last: session.last, from: epoch(session.first), to: epoch(session.last || session.first),
    steps: session.steps, differs: (session.differing === undefined ? session.findings : session.differing) || 0,
  })).filter((session) => isFinite(session.from) && isFinite(session.to)).sort((a, b) => a.from - b.from);
  const given = report.timeline;
  const buckets = given && isFinite(epoch(given.start)) && given.bucket_s > 0 && asArray(given.steps).length > 0 &&
    {from: epoch(given.start), bucket: given.bucket_s * 1000, steps: given.steps, differing: asArray(given.differing)};
  const span = timelineSpan(sessions, buckets);
  if (!span) return null;
  return [timelineDrawing(sessions, buckets, span), sessions.length > 0 && sessionTable(sessions)];
}
