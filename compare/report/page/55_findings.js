// The table of findings: one page of rows at a time, so that ten thousand are as quick as ten.
const PAGE_SIZE = 50;
const PRINTED = 300;  // findings with all details on paper

class FindingsView {
  /// `onChange(filter)` is told whenever another filter, order or finding is shown.
  constructor(entries, onChange) {
    this.entries = entries;
    this.onChange = onChange;
    this.filter = emptyFilter();
    this.matches = entries;
    this.hasSeverity = entries.some((entry) => entry.finding.severity);
    this.hasCalls = entries.some((entry) => entry.finding.calls_a_day !== undefined);
    this.controls = new FilterBar(entries, (change) => this.narrow(change));
    this.body = el('tbody', {role: 'rowgroup'});
    this.headers = new Map();
    this.table = el('table.findings', {role: 'table', 'aria-labelledby': 'findings-heading'}, this.head(), this.body);
    this.pager = el('nav.pager', {'aria-label': 'Pages of findings'});
    this.table.addEventListener('keydown', (event) => this.arrow(event));
    this.node = el('div', {}, this.controls.node, this.table, this.pager);
  }

  columns() {
    return [this.hasSeverity && 'severity', '', 'count', this.hasCalls && 'calls', 'first'].filter((name) => name !== false);
  }

  head() {
    const cells = this.columns().map((key) => {
      if (key === '') return el('th.what', {scope: 'col', role: 'columnheader', text: 'Finding'});
      const button = el('button', {type: 'button', click: () => this.sortBy(key)}, SORTS[key].label,
        el('span.arrow', {'aria-hidden': 'true'}));
      const figure = key === 'count' || key === 'calls' ? '.figure' : '';
      const cell = el(`th.${key}${figure}`, {scope: 'col', role: 'columnheader'}, button);
      this.headers.set(key, cell);
      return cell;
    });
    return el('thead', {role: 'rowgroup'}, el('tr', {role: 'row'}, cells));
  }

  sortBy(key) {
    const turned = this.filter.direction === 'ascending' ? 'descending' : 'ascending';
    this.narrow({sort: key, direction: this.filter.sort === key ? turned : SORTS[key].first});
  }

  narrow(change) {
    this.show({...this.filter, page: 0, open: '', ...change});
    this.onChange(this.filter);
  }

  /// Shows what the filter says, and opens and shows the finding that it names.
  show(filter) {
    performance.mark('filter-begins');
    this.filter = filter;
    this.matches = matching(this.entries, filter);
    if (filter.open) this.findOpen();
    this.controls.show(this.filter, this.matches.length);
    for (const [key, cell] of this.headers) {
      cell.setAttribute('aria-sort', key === this.filter.sort ? this.filter.direction : 'none');
    }
    this.renderPage();
    performance.measure('filter', 'filter-begins');
  }

  /// The page that holds the open finding; a filter that would hide it is given up.
  findOpen() {
    const isOpen = (entry) => entry.id === this.filter.open;
    let at = this.matches.findIndex(isOpen);
    if (at < 0) {
      if (!this.entries.some(isOpen)) {
        this.filter = {...this.filter, open: ''};
        return;
      }
      this.filter = {...emptyFilter(), open: this.filter.open};
      this.matches = matching(this.entries, this.filter);
      at = this.matches.findIndex(isOpen);
    }
    this.filter = {...this.filter, page: Math.floor(at / PAGE_SIZE)};
  }

  renderPage(count = PAGE_SIZE) {
    const pages = Math.max(1, Math.ceil(this.matches.length / PAGE_SIZE));
    this.filter.page = Math.min(this.filter.page, pages - 1);
    const start = count === PAGE_SIZE ? this.filter.page * PAGE_SIZE : 0;
    const rows = this.matches.slice(start, start + count).map((entry) => this.rowsOf(entry));
    this.body.replaceChildren(...rows.flat());
    if (rows.length === 0) {
      const says = this.entries.length === 0 ? 'There are no findings.' : 'No finding matches the filter.';
      this.body.append(el('tr.nothing', {role: 'row'}, el('td', {role: 'cell', colspan: this.columns().length, text: says})));
    }
    this.table.querySelector('thead').hidden = this.entries.length === 0;
    this.renderPager(pages, start, rows.length);
  }

  renderPager(pages, start, shown) {
    const go = (page) => {
      this.show({...this.filter, page, open: ''});
      this.onChange(this.filter);
      this.table.scrollIntoView();
      this.focusRow(0);
    };
    const {page} = this.filter;
    const button = (text, to) => el('button.plain', {type: 'button', text, disabled: to < 0 || to >= pages, click: () => go(to)});
    this.pager.hidden = pages < 2;
    this.pager.replaceChildren(button('First', page === 0 ? -1 : 0), button('Previous', page - 1),
      el('span', {text: `${number(start + 1)} to ${number(start + shown)} of ${number(this.matches.length)}`}),
      button('Next', page + 1), button('Last', page === pages - 1 ? -1 : pages - 1));
  }

  rowsOf(entry) {
    const {finding} = entry;
    const open = entry.id === this.filter.open;
    const detail = el('tr.detail', {role: 'row', id: `detail-${entry.id}`, hidden: !open},
      el('td', {role: 'cell', colspan: this.columns().length}));
    const button = el('button.opener', {
      type: 'button', text: entry.headline, 'data-id': entry.id, 'aria-expanded': String(open),
      'aria-controls': `detail-${entry.id}`, click: () => this.toggle(entry, detail, button),
    });
    const cells = {
      severity: () => el('td.severity', {role: 'cell'}, finding.severity && badge(finding.severity)),
      '': () => el('td.what', {role: 'cell'}, el('h3', {}, button),
        el('div.glance', {}, oneLine(finding.statement), finding.cause && el('span.quiet.cause', {text: finding.cause}))),
      count: () => this.figure(number(finding.count), 'times', finding.sessions && `in ${times(finding.sessions, 'session')}`),
      calls: () => this.figure(finding.calls_a_day === undefined ? '–' : number(+finding.calls_a_day.toPrecision(3)), 'a day'),
      first: () => el('td.first', {role: 'cell', text: minuteText(finding.first)}),
    };
    const row = el('tr.finding', {role: 'row', id: `row-${entry.id}`}, this.columns().map((key) => cells[key]()));
    row.addEventListener('click', (event) => {
      if (!event.target.closest('button, a') && !String(getSelection())) button.click();
    });
    if (open) this.fill(entry, detail);
    return [row, detail];
  }

  figure(text, unit, more) {
    return el('td.figure', {role: 'cell'}, text, el('span.unit', {text: ` ${unit}`}),
      more && el('span.quiet.sessions', {text: more}));
  }

  fill(entry, detail) {
    const cell = detail.firstChild;
    if (cell.hasChildNodes()) return;
    const link = el('a', {href: `#finding-${entry.id}`, text: 'Link to this finding'});
    cell.append(findingBody(entry.finding), el('p.quiet.link', {}, link));
  }

  toggle(entry, detail, button) {
    detail.hidden = !detail.hidden;
    button.setAttribute('aria-expanded', String(!detail.hidden));
    if (!detail.hidden) this.fill(entry, detail);
    this.filter = {...this.filter, open: detail.hidden ? '' : entry.id};
    this.onChange(this.filter);
  }

  openers() {
    return [...this.body.querySelectorAll('.opener')];
  }

  /// A negative index counts from the end.
  focusRow(index) {
    const opener = this.openers().at(index);
    if (!opener) return false;
    opener.focus({preventScroll: true});
    opener.closest('tr').scrollIntoView({block: 'nearest'});
    return true;
  }

  /// The next finding (1) or the one before (-1), over the ends of pages too.
  step(direction) {
    const openers = this.openers();
    const row = document.activeElement.closest('tr.finding, tr.detail');
    const opener = row && (row.matches('.detail') ? row.previousSibling : row).querySelector('.opener');
    const at = openers.indexOf(opener);
    const next = at < 0 ? 0 : at + direction;
    if (next >= 0 && next < openers.length) return this.focusRow(next);
    const page = this.filter.page + direction;
    if (page < 0 || page * PAGE_SIZE >= this.matches.length) return false;
    this.show({...this.filter, page, open: ''});
    this.onChange(this.filter);
    return this.focusRow(direction > 0 ? 0 : -1);
  }

  arrow(event) {
    if (!event.target.matches('.opener') || !['ArrowDown', 'ArrowUp'].includes(event.key)) return;
    event.preventDefault();
    this.step(event.key === 'ArrowDown' ? 1 : -1);
  }

  /// Everything open, as far as paper goes.
  beforePrint() {
    this.renderPage(PRINTED);
    for (const detail of this.body.querySelectorAll('tr.detail')) {
      const id = detail.id.slice('detail-'.length);
      this.fill(this.matches.find((entry) => entry.id === id), detail);
      detail.hidden = false;
    }
    if (this.matches.length > PRINTED) {
      this.body.append(el('tr.nothing', {role: 'row'}, el('td', {role: 'cell', colspan: this.columns().length,
        text: `${number(this.matches.length - PRINTED)} more findings are not printed.`})));
    }
  }

  afterPrint() {
    this.renderPage();
  }
}
