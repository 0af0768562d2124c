// Reads the report out of the page. Every field but the verdict may be absent.
const FORMAT_VERSION = 1;
const SEVERITIES = ['breaking', 'wrong answer', 'risky', 'cosmetic'];

const APART = [
  {field: 'expected_places', word: 'expected', says: 'your rules set them apart'},
  {field: 'unconfirmed_places', word: 'unconfirmed', says: 'they could be chance'},
  {field: 'downstream_places', word: 'downstream', says: 'later reads of what a finding should have written'},
  {field: 'noise_places', word: 'noise', says: 'the unchanged schema shows them too'},
];

/// [report, ''] or [null, why not].
function readReport() {
  let report = null;
  try {
    report = JSON.parse(document.getElementById('report').textContent);
  } catch (error) {
    return [null, `The report in this file cannot be read: ${error.message}`];
  }
  if (typeof report !== 'object' || report === null) return [null, 'This file holds no report.'];
  if (report.format_version > FORMAT_VERSION) {
    return [null, `The report has format version ${report.format_version}; this page knows ${FORMAT_VERSION}. ` +
      'Let the program that wrote the report write the page as well.'];
  }
  return [report, ''];
}

/// Letters, digits and - only, so that it can stand in an address.
function madeId(finding, taken) {
  const made = finding.id || [finding.fingerprint, finding.kind, finding.place].map(asText).join('-');
  const base = made.replace(/[^A-Za-z0-9._~-]+/g, '-');
  let id = base;
  for (let i = 2; taken.has(id); ++i) id = `${base}-${i}`;
  taken.add(id);
  return id;
}

/// What the kind and the place say together, as on the terminal: "value in column total".
function headline(finding) {
  const place = asText(finding.place);
  const where = place.startsWith('column ') || place.startsWith('$') ? ` in ${place}` : '';
  return spoken(finding.kind) + where + (finding.sqlstate ? ` ${finding.sqlstate}` : '');
}

/// Findings as the table needs them: what is sorted and searched is worked out once.
function findingsOf(report) {
  const taken = new Set();
  return asArray(report.findings).map((finding, index) => {
    const rank = SEVERITIES.indexOf(finding.severity);
    const example = finding.example || {};
    return {
      finding, index,
      id: madeId(finding, taken),
      rank: rank < 0 ? SEVERITIES.length : rank,
      count: finding.count || 0,
      calls: finding.calls_a_day || 0,
      first: asText(finding.first),
      headline: headline(finding),
      searched: [finding.id, headline(finding), finding.kind, finding.place, finding.cause, finding.severity,
        finding.statement, finding.fingerprint, finding.explanation, example.sql, example.session, example.baseline,
        example.candidate, ...asArray(finding.blame),
        ...asArray(finding.users), ...asArray(finding.applications), ...asArray(finding.databases)]
        .map(asText).join('\n').toLowerCase(),
    };
  });
}

/// {breaking: n, …} of the report, or counted; nothing when no finding has a severity.
function severityCounts(report, entries) {
  if (report.severities) return report.severities;
  if (!entries.some((entry) => entry.finding.severity)) return null;
  const counts = {};
  for (const severity of SEVERITIES) counts[severity] = 0;
  for (const entry of entries) counts[entry.finding.severity] = (counts[entry.finding.severity] || 0) + 1;
  return counts;
}
