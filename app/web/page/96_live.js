// Rehearsals as they run: their step, rate, lag and errors as they come.
const KEPT_POINTS = 240;
const KEPT_ERRORS = 50;

class LiveRun {
  constructor(run) {
    this.id = run.id;
    this.rehearsal = run.rehearsal;
    this.rates = [];
    this.errorsSeen = 0;
    this.stepName = '';
    this.state = el('span', {});
    this.bar = el('progress', {max: '1', 'aria-label': `Progress of the step of ${run.rehearsal}`});
    this.step = el('p.step', {});
    this.figures = el('dl.measures', {});
    this.plot = el('div', {});
    this.errors = el('ul.error-list', {});
    this.noErrors = el('p.quiet', {text: 'No errors yet.'});
    this.button = el('span', {}, may('run') ? stopButton(run.rehearsal, async () => {}) : '');
    this.node = part(`live-${run.id}`, run.rehearsal, el('div.live-head', {}, this.state, el('a', {href: `/runs/${run.id}`,
      text: 'this run'}),
      this.button), this.step, this.bar, this.figures, this.plot,
    el('h3', {text: 'Errors as they come'}), this.noErrors,
    el('div.error-box', {tabindex: '0', role: 'group', 'aria-label': `Errors of ${run.rehearsal}`}, this.errors));
    this.showRun(run);
  }

  showRun(run) {
    this.state.replaceChildren(badge(runWord(run)));
    if (run.ended) {
      this.button.replaceChildren();
      this.bar.hidden = true;
      this.step.textContent = run.failure ? sentence(run.failure) : `It took ${secondsText(run.seconds)}.`;
      announce(`${run.rehearsal}: ${runWord(run)}`);
    }
  }

  showProgress({step, replay}) {
    const left = step && step.seconds_left ? `, about ${secondsText(step.seconds_left)} left` : '';
    if (step) {
      this.step.textContent = `Step ${step.number} of ${step.of}: ${step.name}${left}`;
      if (step.name !== this.stepName) {
        this.stepName = step.name;
        this.errorsSeen = 0;
        announce(this.step.textContent);
      }
    }
    if (replay && typeof replay.share === 'number') this.bar.value = replay.share;
    else this.bar.removeAttribute('value');
    if (replay) this.showReplay(replay);
  }

  showReplay(replay) {
    const lag = (name) => milliseconds((((replay.lag || {})[name] || {}).p99_us || 0) / 1000);
    this.figures.replaceChildren(
      measure('Rate', `${number(Math.round(replay.rate))}/s`, `${number(replay.answered)} exchanges answered`),
      measure('Lag, 99th percentile', lag('tool'), `behind the target ${lag('target')}, behind others ${lag('order')}`),
      measure('Errors', number(replay.errors), 'of this replay'),
      measure('Sessions', number(replay.sessions_open),
        replay.sessions_failed > 0 ? `${number(replay.sessions_failed)} failed` : 'open'));
    this.rates.push(replay.rate);
    if (this.rates.length > KEPT_POINTS) this.rates.shift();
    this.plot.replaceChildren(linePlot([{name: 'exchanges a second', values: this.rates}],
      {height: 90, says: 'Exchanges a second, the last two minutes'}));
    if (replay.errors > this.errorsSeen) {
      const at = clock(Date.now(), true);
      const more = replay.errors - this.errorsSeen;
      this.errors.prepend(el('li', {text: `${at} UTC, ${this.stepName}: ${times(more, 'step')} answered with an error`}));
      if (this.errors.children.length > KEPT_ERRORS) this.errors.lastChild.remove();
      this.noErrors.hidden = true;
      this.errorsSeen = replay.errors;
    }
  }
}

class LiveView {
  constructor() {
    this.runs = new Map();
    this.pause = 500;
    this.status = el('p.quiet', {role: 'status', text: 'Connecting …'});
    this.list = el('div');
    this.idle = el('div');
    document.getElementById('main').replaceChildren(this.status, this.list, part('start', 'Rehearsals', this.idle));
    this.connect();
  }

  connect() {
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    this.socket = new WebSocket(`${scheme}://${location.host}/api/v1/live`);
    this.socket.onopen = () => this.socket.send(JSON.stringify({token: sessionStorage.getItem(TOKEN)}));
    this.socket.onmessage = (event) => this.take(JSON.parse(event.data));
    this.socket.onclose = () => {
      this.status.textContent = 'The connection is lost. Trying again …';
      this.pause = Math.min(this.pause * 2, 15000);
      setTimeout(() => this.connect(), this.pause);
    };
  }

  async take(message) {
    if (message.type === 'hello') {
      this.pause = 500;
      this.runs.clear();
      this.list.replaceChildren();
      for (const run of message.runs) this.show(run);
      await this.settle();
    } else if (message.type === 'run') {
      this.show(message.run);
      await this.settle();
    } else if (message.type === 'progress') {
      const run = this.runs.get(message.run);
      if (run) run.showProgress(message.progress);
    } else if (message.type === 'dropped') {
      this.status.textContent = `This page was too slow: ${times(message.count, 'message')} left out.`;
    }
  }

  show(run) {
    if (!this.runs.has(run.id)) {
      const made = new LiveRun(run);
      this.runs.set(run.id, made);
      this.list.prepend(made.node);
    }
    this.runs.get(run.id).showRun(run);
    if (run.progress) this.runs.get(run.id).showProgress(run.progress);
  }

  async settle() {
    this.status.textContent = this.runs.size > 0 ? 'Connected.' : 'Connected. Nothing runs at the moment.';
    this.idle.replaceChildren(await rehearsalsTable(() => this.settle()));
    document.documentElement.dataset.live = 'true';
  }
}
