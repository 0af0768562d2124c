// The captures that were read, and whether they are whole.

function damageText(input) {
  const damage = input.damage || {};
  const parts = [
    damage.bad_chunks > 0 && `${times(damage.bad_chunks, 'chunk')} left out`,
    damage.bytes_skipped > 0 && `${times(damage.bytes_skipped, 'byte')} skipped`,
    damage.bytes_cut_off > 0 && `${times(damage.bytes_cut_off, 'byte')} cut off at the end`,
    damage.unknown_records > 0 && `${times(damage.unknown_records, 'record')} of a newer version passed over`,
    damage.trailer_missing && 'its writer did not finish',
  ].filter(Boolean);
  if (parts.length > 0) return parts.join('; ');
  return input.complete === false ? 'not complete' : input.complete ? 'complete' : '';
}

function lossText(loss) {
  const list = Array.isArray(loss) ? loss : loss && typeof loss === 'object' ? Object.entries(loss).filter(([, n]) => n) : [];
  return list.map((part) => Array.isArray(part) ? `${part[0]} ${number(part[1])}` : asText(part)).join('; ');
}

function inputCard(input) {
  const role = asText(input.role);
  return el('div.input', {},
    el('h3', {}, role.charAt(0).toUpperCase() + role.slice(1), ' ', el('span.quiet', {text: asText(input.name)})),
    el('dl.facts', {},
      fact('Source', asText(input.source)), fact('Description', asText(input.description)),
      fact('Created', timeText(input.created)), fact('PostgreSQL', asText(input.server_version)),
      fact('System', asText(input.system_identifier)), fact('Tool', asText(input.tool_version)),
      fact('Policy', asText(input.policy)), fact('Exchanges', input.exchanges === undefined ? '' : number(input.exchanges)),
      fact('File', damageText(input)), fact('Gaps', input.gaps > 0 ? number(input.gaps) : ''),
      fact('Lost', lossText(input.loss))));
}

function inputsSection(report) {
  const inputs = asArray(report.inputs);
  return inputs.length > 0 ? [el('div.inputs', {}, inputs.map(inputCard))] : null;
}
