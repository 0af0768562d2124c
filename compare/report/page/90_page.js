// Reads the report of this file, and shows it.
function start() {
  const [report, problem] = readReport();
  if (!report) {
    document.getElementById('verdict-heading').textContent = 'No report';
    document.getElementById('verdict').append(el('p', {role: 'alert', text: problem}));
    return;
  }
  showReport(report);
  document.documentElement.dataset.ready = 'true';
}

start();
