// Rows of both answers, one pair below the other, with the cells marked that differ.

/// Rows of older reports are one text.
const cellsOf = (row) => row === null || row === undefined || row === '' ? null : Array.isArray(row) ? row : [row];

const sameCell = (a, b) => (a === undefined ? null : a) === (b === undefined ? null : b);

/// [common beginning, this one's middle, common end], by whole characters.
function parted(own, other) {
  const [mine, theirs] = [[...own], [...other]];
  const shorter = Math.min(mine.length, theirs.length);
  let start = 0;
  while (start < shorter && mine[start] === theirs[start]) ++start;
  let end = 0;
  while (end < shorter - start && mine[mine.length - 1 - end] === theirs[theirs.length - 1 - end]) ++end;
  return [mine.slice(0, start), mine.slice(start, mine.length - end), mine.slice(mine.length - end)].map((part) => part.join(''));
}

/// NULL, '' and placeholders do not look like values that could be read as such.
function cellValue(value, other, changed) {
  if (value === null || value === undefined) return [el('span.null', {text: 'NULL'})];
  if (value === '') return [el('span.null', {text: '(empty text)'})];
  const text = String(value);
  if (/^‹[^›]*›$/.test(text)) return [el('span.kept-back', {text, title: 'Kept back: equal values have equal marks'})];
  if (!changed || typeof other !== 'string' || /^‹[^›]*›$/.test(other)) return visible(text);
  const [before, middle, after] = parted(text, other);
  if (middle === '' || before.length + after.length === 0) return visible(text);
  return [visible(before), el('span.middle', {}, visible(middle)), visible(after)];
}

function diffCell(cells, others, i, side, columns) {
  const changed = others !== null && !sameCell(cells[i], others[i]);
  const tag = side === 'Baseline' ? 'del' : 'ins';
  const value = cellValue(cells[i], others === null ? null : others[i], changed);
  const label = columns[i] === undefined ? `column ${i + 1}` : columns[i];
  return el('td' + (changed ? '.changed' : ''), {role: 'cell', 'data-column': label},
    changed ? el(`${tag}.value`, {}, value) : el('span.value', {}, value));
}

function diffRow(side, cells, others, width, columns) {
  const head = el('th', {scope: 'row', role: 'rowheader', text: cells !== null && others === null ? `${side} only` : side});
  if (cells === null) {
    return el('tr.missing', {role: 'row'}, head, el('td', {role: 'cell', colspan: width, text: 'no such row'}));
  }
  const row = el('tr', {role: 'row'}, head);
  for (let i = 0; i < width; ++i) row.append(diffCell(cells, others, i, side, columns));
  return row;
}

/// The table, or nothing if the report has no rows.
function rowDiff(example) {
  const pairs = asArray(example.rows).map((pair) => [cellsOf(pair.baseline), cellsOf(pair.candidate)]);
  if (pairs.length === 0) return null;
  const columns = asArray(example.columns).map(asText);
  const width = Math.max(1, columns.length, ...pairs.flat().map((row) => row ? row.length : 0));
  const table = el('table.rows', {role: 'table'}, el('caption', {text: 'Rows that differ; changed values are underlined'}));
  if (columns.length > 0) {
    const heads = Array.from({length: width}, (_, i) => columns[i] || `column ${i + 1}`);
    table.append(el('thead', {role: 'rowgroup'}, el('tr', {role: 'row'}, el('td', {role: 'cell'}),
      heads.map((text) => el('th', {scope: 'col', role: 'columnheader', text})))));
  }
  for (const [baseline, candidate] of pairs) {
    table.append(el('tbody', {role: 'rowgroup'}, diffRow('Baseline', baseline, candidate, width, columns),
      diffRow('Candidate', candidate, baseline, width, columns)));
  }
  const more = example.more_rows > 0 &&
    el('p.quiet', {text: `Rows that differ and are not shown: ${number(example.more_rows)}.`});
  return [el('div.scroll', {tabindex: '0', role: 'group', 'aria-label': 'Rows that differ'}, table), more];
}
