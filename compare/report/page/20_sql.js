// SQL in light colours. It only has to look right: what it does not know stays plain text.
const SQL_WORDS = new Set(('all alter and any array as asc at begin between by call case cast check collate column commit ' +
  'conflict constraint copy create cross cube current_date current_time current_timestamp declare default delete desc ' +
  'distinct do drop else end except execute exists explain false fetch filter for foreign from full function grant group ' +
  'grouping having ilike in index inner insert intersect interval into is join key lateral left like limit listen locked ' +
  'lock materialized merge natural not nothing notify nowait null nulls of offset on only or order outer over partition ' +
  'prepare primary recursive references release returning revoke right rollback row rows savepoint select set share ' +
  'similar skip some start table tablesample then time timestamp to transaction trigger true truncate union unique ' +
  'update using vacuum values view when where window with within without zone').split(' '));

const SQL_LIMIT = 20000;  // longer ones are shown without colours

// In order: comments, quoted text, dollar quotes, quoted names, parameters, numbers, words. No nesting, no backtracking.
const SQL_TOKEN = new RegExp([
  '(?<comment>--[^\\n]*|/\\*[^]*?(?:\\*/|$))',
  "(?<text>[eE]'(?:[^'\\\\]|\\\\[^]|'')*(?:'|$)|(?:[bBxX]|[uU]&)?'(?:[^']|'')*(?:'|$))",
  '(?<dollar>\\$(?<tag>[A-Za-z_]\\w*)?\\$[^]*?(?:\\$\\k<tag>\\$|$))',
  '(?<name>"(?:[^"]|"")*(?:"|$))',
  '(?<parameter>\\$\\d+|‹[^›\\n]{0,80}›)',
  '(?<number>\\b\\d[\\w.]*)',
  '(?<word>[A-Za-z_\\u0080-\\uffff][\\w$\\u0080-\\uffff]*)',
].join('|'), 'g');

const SQL_CLASSES = {
  comment: 'sql-comment', text: 'sql-text', dollar: 'sql-text', parameter: 'sql-parameter', number: 'sql-number',
};

function sqlClass(groups) {
  if (groups.word) return SQL_WORDS.has(groups.word.toLowerCase()) ? 'sql-word' : '';
  const kind = Object.keys(SQL_CLASSES).find((name) => groups[name] !== undefined);
  return kind ? SQL_CLASSES[kind] : '';
}

/// Nodes that together have exactly this text.
function sqlNodes(text) {
  if (text.length > SQL_LIMIT) return visible(text);
  const nodes = [];
  let end = 0;
  for (const found of text.matchAll(SQL_TOKEN)) {
    const className = sqlClass(found.groups);
    if (!className) continue;
    if (found.index > end) nodes.push(...visible(text.slice(end, found.index)));
    nodes.push(el('span.' + className, {}, visible(found[0])));
    end = found.index + found[0].length;
  }
  if (end < text.length) nodes.push(...visible(text.slice(end)));
  return nodes;
}

function sqlBlock(text, label) {
  return block('pre.sql', label, el('code', {}, sqlNodes(text)));
}
