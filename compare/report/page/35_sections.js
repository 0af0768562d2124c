// What a rehearsal did beside comparing answers: each part with its state, what failed open at once.
function rehearsalPart(section) {
  const lines = asArray(section.lines).map(asText);
  const head = el('div.line', {}, badge(asText(section.state)), el('h3', {}, asText(section.title)),
    el('p', {text: asText(section.summary)}));
  if (lines.length === 0) return head;
  return disclosure('rehearsal-part', head, () => [el('ul', {}, lines.map((text) => el('li', {text})))],
    section.state === 'failed');
}

function rehearsalSection(report) {
  const sections = asArray(report.sections);
  return sections.length === 0 ? null : [el('div.rehearsal', {}, sections.map(rehearsalPart))];
}
