// Asking the service. The token is kept for this tab only, and goes into the Authorization header and nowhere else.
const TOKEN = 'understudy-token';

const session = {name: '', role: 'none'};
const ROLES = ['none', 'view', 'run', 'admin'];
const may = (role) => ROLES.indexOf(session.role) >= ROLES.indexOf(role);

class Refusal extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

async function request(method, path, body) {
  const headers = {Authorization: `Bearer ${sessionStorage.getItem(TOKEN) || ''}`};
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  const answer = await fetch(path, {method, headers, body: body === undefined ? undefined : JSON.stringify(body),
    cache: 'no-store'});
  if (answer.ok) return answer;
  const problem = await answer.json().catch(() => ({}));
  if (answer.status === 401) sessionStorage.removeItem(TOKEN);
  throw new Refusal(answer.status, asText(problem.detail) || `the service answered ${answer.status}`);
}

const ask = async (path) => (await request('GET', path)).json();
const tell = async (method, path, body) => (await request(method, path, body)).json();

/// Saves a file of a run; a link could not send the token.
async function download(path, name) {
  const blob = await (await request('GET', path)).blob();
  const link = el('a', {href: URL.createObjectURL(blob), download: name});
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

/// A button that does something which takes its time, and says how it went.
function actionButton(text, act, className = 'plain') {
  const said = el('span.said', {role: 'status'});
  const button = el(`button.${className}`, {type: 'button', text, click: async () => {
    button.disabled = true;
    said.textContent = '';
    try {
      await act();
    } catch (error) {
      said.textContent = sentence(error.message);
      said.className = 'said problem';
    }
    button.disabled = false;
  }});
  return el('span.action', {}, button, said);
}
