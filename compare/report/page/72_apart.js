// What differs and is no finding: each list by class, and its places by reason.
const PLACES_IN_A_GROUP = 50;

const sumOfCounts = (places) => places.reduce((sum, place) => sum + (place.count || 0), 0);

/// Lists of the report that hold anything, with the sum that the report states, or their own.
function apartLists(report) {
  return APART.map(({field, word, says}) => {
    const places = asArray(report[field]);
    const stated = report[word];
    return {word, says, places, total: typeof stated === 'number' ? stated : sumOfCounts(places)};
  }).filter((list) => list.total > 0 || list.places.length > 0);
}

function groupedBy(places, keyOf) {
  const groups = new Map();
  for (const place of places) {
    const key = keyOf(place);
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(place);
  }
  return [...groups].sort((a, b) => sumOfCounts(b[1]) - sumOfCounts(a[1]));
}

/// Each list, and below it its classes where the report has them.
function apartTable(lists, report) {
  const compared = report.compared || 0;
  const row = (className, word, says, count, places) => el('tr.' + className, {},
    el('th', {scope: 'row'}, word, says && el('span.says.quiet', {text: says})),
    el('td.figure', {text: number(count)}),
    el('td.figure', {text: compared > 0 ? percentText(percent(count, compared)) : '–'}),
    el('td.figure', {text: number(places)}));
  const rows = lists.flatMap((list) => [
    row('list', list.word, list.says, list.total, list.places.length),
    ...groupedBy(list.places.filter((place) => place.class && place.class !== list.word), (place) => place.class)
      .map(([name, places]) => row('class', name, '', sumOfCounts(places), places.length)),
  ]);
  return el('table.plain-table.apart', {}, el('caption', {text: 'Differences that are no findings'}),
    el('thead', {}, el('tr', {}, el('th', {scope: 'col', text: 'Set apart as'}),
      ['Differences', 'Share of steps', 'Places'].map((text) => el('th.figure', {scope: 'col', text})))),
    el('tbody', {}, rows));
}

function apartPlace(place) {
  return disclosure('apart-place', [
    el('span.figure', {text: `${number(place.count)} ×`}), el('span.kind', {text: headline(place)}),
    oneLine(place.statement),
  ], () => [findingBody(place)]);
}

function apartGroup(word, why, places) {
  const title = el('h3', {}, el('span.word', {text: word}), why && ` ${why}`);
  const summary = el('div.line', {}, title, el('span.quiet', {
    text: `${times(sumOfCounts(places), 'difference')} in ${times(places.length, 'place')}`,
  }));
  return disclosure('apart-group', summary, () => {
    const list = el('div');
    return [list, inParts(list, places, PLACES_IN_A_GROUP, apartPlace)];
  });
}

function apartSection(report) {
  const lists = apartLists(report);
  if (lists.length === 0) return [el('p', {text: 'Nothing was set apart: every difference is a finding.'})];
  return [apartTable(lists, report), lists.flatMap((list) =>
    groupedBy(list.places, (place) => asText(place.why)).map(([why, places]) => apartGroup(list.word, why, places)))];
}

function rulesSection(report) {
  const rules = asArray(report.rules);
  if (rules.length === 0) return null;
  const order = ['expired', 'never matched', 'used'];
  const sorted = [...rules].sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
  const cell = (label, text) => el('td', {role: 'cell', 'data-label': label, text: asText(text) || '–'});
  return [el('div.scroll', {}, el('table.plain-table.stacked', {role: 'table'},
    el('caption', {text: 'Rules by which differences are expected. One that has expired fails the run.'}),
    el('thead', {role: 'rowgroup'}, el('tr', {role: 'row'}, ['Rule', 'State', 'Action', 'Matched', 'Expires', 'Owner', 'Reason']
      .map((text) => el('th', {scope: 'col', role: 'columnheader', text})))),
    el('tbody', {role: 'rowgroup'}, sorted.map((rule) => el('tr', {role: 'row'},
      el('th', {scope: 'row', role: 'rowheader'}, el('code', {text: asText(rule.id)})),
      el('td', {role: 'cell', 'data-label': 'State'}, rule.state ? badge(rule.state) : '–'),
      cell('Action', rule.action), cell('Matched', rule.count === undefined ? '' : times(rule.count, 'difference')),
      cell('Expires', timeText(rule.expires).replace(' 00:00:00 UTC', '')),
      cell('Owner', rule.owner), cell('Reason', rule.reason))))))];
}
