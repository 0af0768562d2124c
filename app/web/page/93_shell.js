// What all pages have: their heading, the way to the others, who is signed in.
const PLACES = [['/', 'Runs'], ['/live', 'Live'], ['/trends', 'Trends'], ['/schedules', 'Schedules']];

ICONS.stopped = ICONS.cosmetic;
ICONS.interrupted = ICONS.inconclusive;
ICONS.running = ICONS.starting = ICONS.stopping = ['M8 1.2a6.8 6.8 0 1 0 0 13.6A6.8 6.8 0 0 0 8 1.2z', 'M6.4 4.8v6.4l5-3.2z'];

function heading(title, origin) {
  document.getElementById('title').textContent = title;
  document.getElementById('origin').textContent = origin || '';
  document.title = title === 'Understudy' ? title : `${title} – Understudy`;
}

function part(id, title, ...content) {
  return el('section', {id, 'aria-labelledby': `${id}-heading`}, el('h2', {id: `${id}-heading`, text: title}), content);
}

function fillShell() {
  const here = location.pathname.startsWith('/runs/') ? '/' : location.pathname;
  document.getElementById('places').replaceChildren(...PLACES.map(([path, text]) =>
    el('a', {href: path, text, 'aria-current': path === here ? 'page' : undefined})));
  document.getElementById('who').replaceChildren(el('span', {text: `${session.name} (${session.role})`}),
    el('button.plain', {type: 'button', text: 'Sign out', click: () => {
      sessionStorage.removeItem(TOKEN);
      location.assign('/');
    }}));
}

/// How a run went, in one word.
function runWord(run) {
  return run.state === 'finished' && run.report ? asText(run.report.verdict) : run.state;
}

function secondsText(seconds) {
  if (typeof seconds !== 'number' || !isFinite(seconds)) return '–';
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${Math.round(seconds % 60)} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/// A table with a caption; cells are nodes or texts, those of `figures` stand on the right.
function plainTable(caption, heads, rows, figures = []) {
  const kind = (tag, i) => figures.includes(i) ? `${tag}.figure` : tag;
  const table = el('table.plain-table.stacked', {role: 'table'}, el('caption.unseen', {text: caption}),
    el('thead', {role: 'rowgroup'}, el('tr', {role: 'row'}, heads.map((text, i) => el(kind('th', i),
      {scope: 'col', role: 'columnheader', text})))),
    el('tbody', {role: 'rowgroup'}, rows.map((cells) => el('tr', {role: 'row'},
      cells.map((cell, i) => el(kind('td', i), {role: 'cell', 'data-label': heads[i] || undefined}, cell))))));
  return el('div.scroll', {tabindex: '0', role: 'group', 'aria-label': caption}, table);
}

function showProblem(error) {
  document.getElementById('main').append(el('p.problem', {role: 'alert', text: sentence(error.message)}));
}

/// The page of somebody who has not signed in; `why` says what was wrong before.
function showSignIn(why) {
  heading('Sign in');
  document.getElementById('places').replaceChildren();
  document.getElementById('who').replaceChildren();
  const input = el('input', {id: 'token', type: 'password', autocomplete: 'off', spellcheck: 'false', required: true});
  const form = el('form.sign-in', {submit: (event) => {
    event.preventDefault();
    sessionStorage.setItem(TOKEN, input.value.trim());
    location.reload();
  }}, el('label', {for: 'token', text: 'Token'}), input, el('button.plain', {type: 'submit', text: 'Sign in'}),
  el('p.quiet', {}, 'Somebody with access to the server makes one: ',
    el('code', {text: 'understudy serve token add NAME --role view'})),
  why && el('p.problem', {role: 'alert', text: sentence(why)}));
  document.getElementById('main').replaceChildren(form);
  input.focus();
}
