// All that is known of one finding, or of one place that was set apart.

function fact(term, ...value) {
  return value.flat().some((part) => part !== null && part !== '' && part !== undefined) &&
    el('div', {}, el('dt', {text: term}), el('dd', {}, value));
}

function whenText(finding) {
  if (!finding.first) return '';
  const [first, last] = [timeText(finding.first), timeText(finding.last)];
  return !last || first === last ? first : `${first} to ${last}`;
}

/// What the difference drags along.
function coneText(finding) {
  const parts = [];
  if (finding.followed_by > 0) {
    parts.push(`${times(finding.followed_by, 'step')} after it failed or never ran because of it`);
  }
  if (finding.downstream > 0) {
    parts.push(`${times(finding.downstream, 'difference')} in later reads of what it should have written`);
  }
  return parts.join('; ');
}

/// The first few of a long list, and how many there are.
function listText(values) {
  const list = asArray(values);
  const shown = list.slice(0, 12).map((value) => value === '' ? '(none)' : asText(value)).join(', ');
  return list.length > 12 ? `${shown} and ${number(list.length - 12)} more` : shown;
}

function facts(finding) {
  const calls = finding.calls_a_day;
  return el('dl.facts', {},
    fact('Differs', finding.count === undefined ? '' : times(finding.count, 'time'),
      finding.sessions === undefined ? '' : ` in ${times(finding.sessions, 'session')}`),
    fact('A day', calls === undefined ? '' : `about ${times(+calls.toPrecision(3), 'time')}, at the rate of the recording`),
    fact('When', whenText(finding)),
    fact('Cause', asText(finding.cause)),
    fact('Seen in', asText(finding.seen_in)),
    fact('Users', listText(finding.users)),
    fact('Applications', listText(finding.applications)),
    fact('Databases', listText(finding.databases)),
    fact('Fingerprint', finding.fingerprint ? el('code', {text: finding.fingerprint}) : '',
      finding.fingerprint_lexical ? ' (made from tokens: the parser does not know the syntax)' : ''),
    coneText(finding) && el('div.whole', {}, el('dt', {text: 'Then'}), el('dd', {text: coneText(finding)})));
}

function answers(example) {
  const side = (name, text) => el('div.answer', {}, el('h4', {text: name}),
    block('pre', `Answer of the ${name.toLowerCase()}`, visible(asText(text) || '(nothing)')));
  if (example.baseline === undefined && example.candidate === undefined) return null;
  return el('div.answers', {}, side('Baseline', example.baseline), side('Candidate', example.candidate));
}

function exampleOf(example) {
  const where = [
    example.session && `session ${example.session}`,
    example.ordinal !== undefined && `exchange ${example.ordinal}`,
    example.step !== undefined && `step ${example.step}`,
    example.message && `(${example.message})`,
  ].filter(Boolean).join(', ').replace(', (', ' (');
  const button = example.sql && el('button.plain', {type: 'button', text: 'Copy for psql', click: (event) => {
    copy(example.sql, event.currentTarget);
  }});
  return el('div.example', {},
    el('div.with-button', {}, el('h4', {text: 'Example'}), where && el('span.quiet', {text: where}), button),
    example.sql && sqlBlock(example.sql, 'Example for psql'),
    answers(example), rowDiff(example));
}

/// Changes of the schema that touch what the statement names, the nearest first.
function blameOf(finding) {
  const changes = asArray(finding.blame).map(asText);
  if (changes.length === 0) return null;
  return el('div', {}, el('h4', {text: 'Changes of the schema that touch it'}),
    el('ul.changes', {}, changes.map((change) => el('li', {}, visible(change)))));
}

function findingBody(finding) {
  return el('div.finding-body', {},
    finding.explanation && el('p.explanation', {text: sentence(finding.explanation)}),
    finding.why && el('p.explanation', {text: sentence(`Set apart: ${finding.why}`)}),
    blameOf(finding), facts(finding),
    finding.statement && el('div', {}, el('h4', {text: 'Statement'}), sqlBlock(finding.statement, 'Statement')),
    finding.example && exampleOf(finding.example));
}
