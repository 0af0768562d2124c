// Schedules; and where it all begins.
async function schedulesTable(reload) {
  const {time_zone: zone, schedules} = await ask('/api/v1/schedules');
  if (schedules.length === 0) return [el('p', {text: 'Nothing is scheduled.'})];
  return [el('p.quiet', {text: `Cron expressions are read in the time zone ${zone}; the times below are UTC.`}),
    plainTable('Schedules', ['Rehearsal', 'When', 'Next', 'Set by', ''], schedules.map((one) => [asText(one.rehearsal),
      el('code', {text: one.cron}), timeText(one.next_due) || '–', asText(one.set_by),
      may('admin') ? actionButton('Remove', async () => {
        await tell('DELETE', `/api/v1/schedules/${encodeURIComponent(one.rehearsal)}`);
        await reload();
      }) : '']))];
}

async function schedulesPage() {
  heading('Schedules');
  const list = el('div');
  const reload = async () => list.replaceChildren(...await schedulesTable(reload));
  document.getElementById('main').replaceChildren(part('schedules', 'Schedules', list));
  await reload();
  if (!may('admin')) return;
  const {rehearsals} = await ask('/api/v1/rehearsals');
  const select = el('select', {id: 'schedule-rehearsal'}, rehearsals.map((one) => el('option', {value: one.name,
    text: one.title})));
  const cron = el('input', {id: 'schedule-cron', required: true, spellcheck: 'false', placeholder: '30 2 * * 1-5',
    maxlength: '256'});
  const said = el('p', {role: 'status'});
  const form = el('form.filters', {submit: async (event) => {
    event.preventDefault();
    try {
      await tell('PUT', `/api/v1/schedules/${encodeURIComponent(select.value)}`, {cron: cron.value});
      said.textContent = 'The schedule is set.';
      said.className = '';
      await reload();
    } catch (error) {
      said.textContent = sentence(error.message);
      said.className = 'problem';
    }
  }}, el('label', {for: 'schedule-rehearsal'}, el('span', {text: 'Rehearsal'}), select),
  el('label', {for: 'schedule-cron'}, el('span', {text: 'Minute, hour, day, month, day of the week'}), cron),
  el('button.plain', {type: 'submit', text: 'Set the schedule'}), said);
  document.getElementById('main').append(part('set-schedule', 'Set a schedule', form));
}

async function showPage() {
  const path = location.pathname;
  if (path.startsWith('/runs/')) return runPage(decoded(path.slice('/runs/'.length)));
  if (path === '/live') {
    heading('Live');
    return new LiveView();
  }
  if (path === '/trends') return trendsPage();
  if (path === '/schedules') return schedulesPage();
  return runsPage();
}

async function begin() {
  if (!sessionStorage.getItem(TOKEN)) {
    showSignIn('');
    return;
  }
  try {
    Object.assign(session, await ask('/api/v1/whoami'));
    fillShell();
    await showPage();
  } catch (error) {
    if (error.status === 401) showSignIn(error.message);
    else showProblem(error);
  }
}

await begin();
document.documentElement.dataset.ready = 'true';
