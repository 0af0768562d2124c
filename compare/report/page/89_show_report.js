// Puts the parts together, and ties them to the address, the keys and the printer.
const PRINTED_DISCLOSURES = 200;

/// A section of the page, and its line in the contents; nothing when it has no content.
function addSection(id, title, count, content) {
  if (!content) return;
  const nodes = content.flat(2).filter(Boolean);
  const counted = count === undefined ? null : el('span.section-count', {text: number(count)});
  document.getElementById('main').append(el('section', {id, 'aria-labelledby': `${id}-heading`, tabindex: '-1'},
    el('h2', {id: `${id}-heading`}, title, counted && [' ', counted]), nodes));
  document.getElementById('contents').append(el('a', {href: `#${id}`}, title, counted && [' ', counted.cloneNode(true)]));
}

function fillMasthead(report) {
  const title = asText(report.title) || 'Comparison of two replays';
  document.getElementById('title').textContent = title;
  const word = Object.hasOwn(VERDICTS, report.verdict) ? VERDICTS[report.verdict].word : 'No verdict';
  document.title = `${word} – ${title}`;
  const named = (role) => asText((asArray(report.inputs).find((input) => input.role === role) || {}).name).split('/').pop();
  const [baseline, candidate] = [named('baseline'), named('candidate')];
  document.getElementById('origin').textContent = [
    baseline && candidate && `${baseline} against ${candidate}`,
    timeText(report.created), report.tool_version && `Understudy ${report.tool_version}`,
  ].filter(Boolean).join(' · ');
}

/// The address follows what is shown; it makes no entries that "back" would have to pass.
function writeHash(filter) {
  try {
    history.replaceState(null, '', hashOfFilter(filter) || location.pathname + location.search);
  } catch {
    // Pages inside others may not change their address: then they cannot be linked into, and work all the same.
  }
}

function showOpen(view) {
  const row = view.filter.open && document.getElementById(`row-${view.filter.open}`);
  if (!row) return;
  row.scrollIntoView();
  row.querySelector('.opener').focus({preventScroll: true});
}

/// An address that names a part of the page leaves the findings as they are.
function followHash(view, isFirst) {
  const [filter, anchor] = filterOfHash(location.hash);
  if (!anchor || isFirst) view.show(filter);
  if (anchor) {
    if (isFirst && document.getElementById(anchor)) document.getElementById(anchor).scrollIntoView();
    return;
  }
  showOpen(view);
  if (!view.filter.open && isNarrowed(view.filter)) document.getElementById('findings').scrollIntoView();
}

function onKey(event, view) {
  const typing = event.target.closest && event.target.closest('input, select, textarea');
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === '/') {
    event.preventDefault();
    view.controls.search.focus();
    view.controls.search.select();
  } else if (event.key === 'j') view.step(1);
  else if (event.key === 'k') view.step(-1);
}

function tiePrinter(view) {
  let opened = [];
  addEventListener('beforeprint', () => {
    view.beforePrint();
    const openAll = (root) => {
      for (const details of root.querySelectorAll('details:not([open])')) {
        if (opened.length >= PRINTED_DISCLOSURES) return;
        opened.push(details);
        details.fill();
        details.open = true;
        openAll(details);
      }
    };
    openAll(document);
  });
  addEventListener('afterprint', () => {
    view.afterPrint();
    for (const details of opened) details.open = false;
    opened = [];
  });
}

/// Fills the page with a report; whoever calls has the elements that page.html has. Gives the view of its findings.
function showReport(report) {
  const entries = findingsOf(report);
  const view = new FindingsView(entries, writeHash);
  fillMasthead(report);
  fillVerdict(report, entries, (severity) => {
    view.narrow({...emptyFilter(), ...Object.fromEntries(FACETS.map((facet) => [facet.key, ''])), severity});
    document.getElementById('findings').scrollIntoView();
    document.getElementById('findings').focus({preventScroll: true});
  });
  addSection('rehearsal', 'Rehearsal', undefined, rehearsalSection(report));
  addSection('findings', 'Findings', entries.length, [view.node]);
  addSection('latency', 'Latency', undefined, latencySection(report));
  addSection('coverage', 'Coverage', undefined, coverageSection(report));
  addSection('apart', 'Set apart', undefined, apartSection(report));
  addSection('rules', 'Rules', asArray(report.rules).length, rulesSection(report));
  addSection('timeline', 'Timeline', undefined, timelineSection(report));
  addSection('inputs', 'Inputs', undefined, inputsSection(report));
  document.getElementById('contents').hidden = false;
  followHash(view, true);
  addEventListener('hashchange', () => followHash(view, false));
  document.addEventListener('keydown', (event) => onKey(event, view));
  tiePrinter(view);
  return view;
}
