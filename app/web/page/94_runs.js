// Rehearsals, and their runs.
const RUNS_AT_ONCE = 50;

function startButton(rehearsal, after) {
  const path = `/api/v1/rehearsals/${encodeURIComponent(rehearsal)}`;
  return actionButton('Start', async () => {
    await tell('POST', `${path}/start`, {});
    await after();
  });
}

function stopButton(rehearsal, after) {
  const path = `/api/v1/rehearsals/${encodeURIComponent(rehearsal)}`;
  return actionButton('Stop', async () => {
    await tell('POST', `${path}/stop`, {});
    await after();
  });
}

function rehearsalRow(rehearsal, reload) {
  const last = rehearsal.last;
  const running = rehearsal.running;
  return [el('strong', {text: asText(rehearsal.title)}),
    running ? el('a', {href: '/live'}, badge('running')) : last ? el('a', {href: `/runs/${last.id}`},
      badge(runWord(last))) : 'never run',
    last ? timeText(last.created) : '–',
    may('run') ? (running ? stopButton(rehearsal.name, reload) : startButton(rehearsal.name, reload)) : ''];
}

async function rehearsalsTable(reload) {
  const {rehearsals} = await ask('/api/v1/rehearsals');
  return plainTable('Rehearsals', ['Rehearsal', 'Last', 'When', ''], rehearsals.map((one) => rehearsalRow(one, reload)));
}

function runRow(run) {
  const report = run.report || {};
  return [el('a', {href: `/runs/${run.id}`, text: timeText(run.created)}), asText(run.rehearsal), badge(runWord(run)),
    run.report ? number(report.findings) : '–',
    run.report ? `${report.coverage_percent.toFixed(1)} %` : '–', secondsText(run.seconds), asText(run.started_by)];
}

async function runsPage() {
  heading('Runs');
  const main = document.getElementById('main');
  const rehearsals = el('div');
  const list = el('div');
  const reload = async () => {
    rehearsals.replaceChildren(await rehearsalsTable(reload));
    announce('The list of rehearsals is up to date');
  };
  rehearsals.append(await rehearsalsTable(reload));
  main.replaceChildren(part('rehearsals', 'Rehearsals', rehearsals), part('runs', 'Runs', list));
  const runs = [];
  const show = async () => {
    const before = runs.length > 0 ? `&before=${runs.at(-1).id}` : '';
    const page = await ask(`/api/v1/runs?limit=${RUNS_AT_ONCE}${before}`);
    runs.push(...page.runs);
    const heads = ['When', 'Rehearsal', 'Verdict', 'Findings', 'Compared', 'Took', 'Started by'];
    list.replaceChildren(runs.length === 0 ? el('p', {text: 'Nothing has been rehearsed yet.'}) :
      plainTable('Runs, the newest first', heads, runs.map(runRow), [3, 4, 5]),
    page.more ? actionButton('Show more', show) : '');
  };
  await show();
}

function runFacts(run) {
  return el('dl.facts', {},
    fact('Rehearsal', asText(run.rehearsal)), fact('State', badge(run.state)), fact('Began', timeText(run.created)),
    fact('Ended', timeText(run.ended)), fact('Took', run.ended ? secondsText(run.seconds) : ''), fact('Started by',
      asText(run.started_by)),
    fact('Stopped by', asText(run.stopped_by)), fact('Makes up for', run.missed > 0 ? times(run.missed, 'missed time',
      'missed times') : ''),
    fact('Commit', asText(run.commit)),
    fact('Pull request', run.pull_request === null ? '' : String(run.pull_request)),
    fact('Exit code', run.exit_code === null ? '' : String(run.exit_code)), fact('Failure', asText(run.failure)),
    fact('Cleaned up', asText(run.cleaned)),
    fact('Files', run.report ? [actionButton('Report as HTML', () => download(`/api/v1/runs/${run.id}/report.html`,
      `${run.id}.html`)), ' ',
      actionButton('as JSON', () => download(`/api/v1/runs/${run.id}/report`, `${run.id}.json`))] : ''));
}

/// The report as its own page has it, by the same components.
async function runPage(id) {
  const run = await ask(`/api/v1/runs/${encodeURIComponent(id)}`);
  const main = document.getElementById('main');
  if (!run.report) {
    heading(`Run of ${run.rehearsal}`, timeText(run.created));
    main.replaceChildren(part('run', 'Run', runFacts(run)));
    return;
  }
  main.replaceChildren(el('section.verdict', {id: 'verdict', 'aria-labelledby': 'verdict-heading'},
    el('h2', {id: 'verdict-heading'})));
  const [report, certificate] = splitCertificate(await ask(`/api/v1/runs/${encodeURIComponent(id)}/report`));
  showReport(report);
  if (certificate) addSection('fidelity', 'Fidelity of staging', undefined, [certificateContent(certificate)]);
  addSection('run', 'Run', undefined, [runFacts(run)]);
  document.getElementById('origin').textContent = [run.rehearsal, timeText(run.created)].join(' · ');
}
