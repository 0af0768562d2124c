// Which findings are shown, in which order. The state stands in the address: #finding-ID&severity=breaking&sort=count
const FACETS = [
  {key: 'severity', label: 'Severity', values: (finding) => [finding.severity]},
  {key: 'kind', label: 'Kind', values: (finding) => [finding.kind]},
  {key: 'cause', label: 'Cause', values: (finding) => [finding.cause]},
  {key: 'user', label: 'User', values: (finding) => asArray(finding.users)},
  {key: 'application', label: 'Application', values: (finding) => asArray(finding.applications)},
  {key: 'database', label: 'Database', values: (finding) => asArray(finding.databases)},
];

// `first` is the direction that a first click takes.
const SORTS = {
  severity: {label: 'Severity', first: 'ascending', compare: (a, b) => a.rank - b.rank},
  count: {label: 'Times', first: 'descending', compare: (a, b) => a.count - b.count},
  calls: {label: 'Calls a day', first: 'descending', compare: (a, b) => a.calls - b.calls},
  first: {
    label: 'First seen, UTC', first: 'ascending',
    compare: (a, b) => a.first < b.first ? -1 : a.first > b.first ? 1 : 0,
  },
};

const emptyFilter = () => ({q: '', sort: 'severity', direction: 'ascending', page: 0, open: ''});

/// decodeURIComponent, but for what somebody typed into the address wrongly.
function decoded(text) {
  try {
    return decodeURIComponent(text.replace(/\+/g, ' '));
  } catch {
    return text;
  }
}

/// A filter, and the anchor of a part of the page if the address names one.
function filterOfHash(hash) {
  const filter = emptyFilter();
  let anchor = '';
  for (const part of hash.replace(/^#/, '').split('&')) {
    const [name, ...rest] = part.split('=');
    const value = decoded(rest.join('='));
    if (rest.length === 0) {
      if (name.startsWith('finding-')) filter.open = decoded(name.slice('finding-'.length));
      else anchor = name;
    } else if (name === 'q' || FACETS.some((facet) => facet.key === name)) filter[name] = value;
    else if (name === 'sort' && Object.hasOwn(SORTS, value)) {
      filter.sort = value;
      filter.direction = SORTS[value].first;
    } else if (name === 'direction' && /^(a|de)scending$/.test(value)) filter.direction = value;
    else if (name === 'page' && /^\d{1,6}$/.test(value)) filter.page = Math.max(0, Number(value) - 1);
  }
  return [filter, anchor];
}

function hashOfFilter(filter) {
  const parts = [];
  const encoded = (value) => encodeURIComponent(value).replace(/%20/g, '+');
  if (filter.open) parts.push('finding-' + encoded(filter.open));
  for (const name of ['q', ...FACETS.map((facet) => facet.key)]) {
    if (filter[name]) parts.push(`${name}=${encoded(filter[name])}`);
  }
  if (filter.sort !== 'severity' || filter.direction !== 'ascending') {
    parts.push(`sort=${filter.sort}`);
    if (filter.direction !== SORTS[filter.sort].first) parts.push(`direction=${filter.direction}`);
  }
  if (filter.page > 0) parts.push(`page=${filter.page + 1}`);
  return parts.length > 0 ? '#' + parts.join('&') : '';
}

const isNarrowed = (filter) => Boolean(filter.q.trim()) || FACETS.some((facet) => filter[facet.key]);

/// Every word has to occur somewhere in a finding, whatever its case.
function matching(entries, filter) {
  const words = filter.q.toLowerCase().split(/\s+/).filter(Boolean);
  const facets = FACETS.filter((facet) => filter[facet.key]);
  const matches = entries.filter((entry) =>
    facets.every((facet) => facet.values(entry.finding).includes(filter[facet.key])) &&
    words.every((word) => entry.searched.includes(word)));
  const {compare} = SORTS[filter.sort];
  const sign = filter.direction === 'ascending' ? 1 : -1;
  // What is equal stays in the order of the report: worst first.
  return matches.sort((a, b) => sign * compare(a, b) || a.index - b.index);
}

/// [value, count] of a facet, the most frequent first.
function facetValues(entries, facet) {
  const counts = new Map();
  for (const entry of entries) {
    for (const value of new Set(facet.values(entry.finding))) {
      if (value) counts.set(value, (counts.get(value) || 0) + 1);
    }
  }
  const list = [...counts];
  if (facet.key === 'severity') return list.sort((a, b) => SEVERITIES.indexOf(a[0]) - SEVERITIES.indexOf(b[0]));
  return list.sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}
