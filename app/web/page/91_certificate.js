// Whether staging can be believed, where the rehearsal had a certificate of `understudy fidelity` (rehearse --fidelity).
const DIFFERENCE = /^(gate|warning), ([^:]{1,200}): (.*)$/s;

/// The report without its section of the certificate, and that section or nothing.
function splitCertificate(report) {
  const sections = asArray(report.sections);
  const certificate = sections.find((section) => section.id === 'fidelity');
  return [{...report, sections: sections.filter((section) => section !== certificate)}, certificate];
}

function certificateContent(section) {
  const lines = asArray(section.lines).map(asText);
  const differences = lines.map((line) => DIFFERENCE.exec(line)).filter(Boolean);
  const remarks = lines.filter((line) => !DIFFERENCE.test(line));
  return [el('p.certificate-head', {}, badge(asText(section.state)), ' ', el('span', {text: sentence(asText(section.summary))})),
    remarks.length > 0 && el('ul.certificate-lines', {}, remarks.map((text) => el('li', {text: sentence(text)}))),
    differences.length > 0 && plainTable('In what staging is not as production is', ['Class', 'Attribute', 'Difference'],
      differences.map(([, what, attribute, text]) => [what === 'gate' ? 'gate: it voids a verdict' : 'warning', attribute,
        text]))];
}
