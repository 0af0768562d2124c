// A finding that is meant becomes a rule, with a reason, somebody to ask, and a last day.
const ACCEPTED_DAYS = 30;

function inDays(days) {
  return new Date(Date.now() + days * 86400000).toISOString().slice(0, 10);
}

function acceptForm(finding) {
  const run = location.pathname.split('/').pop();
  const field = (name, label, attributes) => {
    const id = `accept-${name}-${finding.id}`;
    const input = el('input', {id, name, required: true, ...attributes});
    return {input, node: el('label', {for: id}, el('span', {text: label}), input)};
  };
  const reason = field('reason', 'Why it is meant', {maxlength: '1000'});
  const owner = field('owner', 'Whom to ask', {maxlength: '200'});
  const expires = field('expires', 'Until', {type: 'date', value: inDays(ACCEPTED_DAYS), min: inDays(1)});
  owner.input.value = session.name;
  const said = el('p', {role: 'status'});
  const form = el('form.filters.accept', {submit: async (event) => {
    event.preventDefault();
    try {
      await tell('POST', '/api/v1/rules', {run, finding: finding.id, reason: reason.input.value, owner: owner.input.value,
        expires: expires.input.value});
      said.textContent = `Accepted: from the next run on it is set apart until ${expires.input.value}.`;
      said.className = '';
    } catch (error) {
      said.textContent = sentence(error.message);
      said.className = 'problem';
    }
  }}, reason.node, owner.node, expires.node, el('button.plain', {type: 'submit', text: 'Accept this finding'}), said);
  return disclosure('accept-part', el('h4', {text: 'Accept as expected'}), () => [form]);
}

const fillDetail = FindingsView.prototype.fill;
FindingsView.prototype.fill = function fillWithActions(entry, detail) {
  const filled = detail.firstChild.hasChildNodes();
  fillDetail.call(this, entry, detail);
  if (filled) return;
  const {finding} = entry;
  const more = el('div.finding-actions', {},
    finding.fingerprint && el('a', {href: `/trends?fingerprint=${encodeURIComponent(finding.fingerprint)}`,
      text: 'How long this statement took, run by run'}),
    may('admin') && finding.id && acceptForm(finding));
  detail.firstChild.append(more);
};
