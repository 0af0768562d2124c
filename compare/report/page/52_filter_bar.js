// The controls above the findings.
const TYPING_PAUSE_MS = 60;

class FilterBar {
  /// `onNarrow({q: …})` is told what the reader changed.
  constructor(entries, onNarrow) {
    this.total = entries.length;
    this.search = el('input', {
      id: 'filter', type: 'search', autocomplete: 'off', spellcheck: 'false', 'aria-keyshortcuts': '/',
      input: () => this.typed(onNarrow), keydown: (event) => this.escaped(event, onNarrow),
    });
    this.selects = new Map(FACETS.map((facet) => [facet.key, this.select(facet, facetValues(entries, facet), onNarrow)]));
    this.count = el('output.found', {for: 'filter', 'aria-live': 'polite', role: 'status'});
    this.clear = el('button.plain', {type: 'button', text: 'Show all', click: () => {
      onNarrow(Object.fromEntries([['q', ''], ...FACETS.map((facet) => [facet.key, ''])]));
      this.search.focus();
    }});
    this.node = el('form.filters', {role: 'search', 'aria-label': 'Findings', submit: (event) => event.preventDefault()},
      el('label.wide', {}, el('span', {text: 'Filter'}), this.search),
      [...this.selects.values()].map((select) => select.label),
      el('div.filter-result', {}, this.count, this.clear,
        el('span.quiet.keys', {}, el('kbd', {text: '/'}), ' filter, ', el('kbd', {text: 'j'}), ' ', el('kbd', {text: 'k'}),
          ' next and previous, ', el('kbd', {text: 'Enter'}), ' opens')));
    this.node.hidden = entries.length === 0;
  }

  /// A choice is offered where there is something to choose.
  select(facet, values, onNarrow) {
    const node = el('select', {change: () => onNarrow({[facet.key]: node.value})}, el('option', {value: '', text: 'any'}),
      values.map(([value, count]) => el('option', {value, text: `${spoken(value)} (${number(count)})`})));
    const label = el('label', {}, el('span', {text: facet.label}), node);
    return {node, label, offered: values.length > 1};
  }

  typed(onNarrow) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => onNarrow({q: this.search.value}), TYPING_PAUSE_MS);
  }

  escaped(event, onNarrow) {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    clearTimeout(this.timer);
    if (this.search.value === '') this.search.blur();
    this.search.value = '';
    onNarrow({q: ''});
  }

  show(filter, matches) {
    if (this.search.value !== filter.q) this.search.value = filter.q;
    for (const [key, select] of this.selects) {
      const value = filter[key] || '';
      if (value && ![...select.node.options].some((option) => option.value === value)) {
        select.node.append(el('option', {value, text: `${value} (0)`}));
      }
      select.node.value = value;
      select.label.hidden = !select.offered && !value;
    }
    const narrowed = isNarrowed(filter);
    this.clear.hidden = !narrowed;
    this.count.textContent = narrowed ? `${number(matches)} of ${times(this.total, 'finding')}` : times(this.total, 'finding');
  }
}
