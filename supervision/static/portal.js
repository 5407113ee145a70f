// Small conveniences; every page works without them.
(() => {
  'use strict';
  document.addEventListener('change', (event) => {
    const form = event.target.closest('form[data-submit-on-change]');
    if (form) form.requestSubmit();
  });
  document.addEventListener('submit', (event) => {
    const question = event.target.dataset.confirm;
    if (question && !window.confirm(question)) event.preventDefault();
  });

  // A table or chart that is wider than its place is scrolled with the arrow keys once it has the focus.
  const reachable = (box) => {
    if (box.scrollWidth <= box.clientWidth) {
      for (const name of ['tabindex', 'role', 'aria-label']) box.removeAttribute(name);
      return;
    }
    const caption = box.querySelector('caption, title');
    const heading = box.closest('section')?.querySelector('h2, h3') || document.querySelector('h1');
    box.tabIndex = 0;
    box.setAttribute('role', 'group');
    box.setAttribute('aria-label', (caption || heading)?.textContent.trim() || document.title);
  };
  const watch = new ResizeObserver((entries) => entries.forEach((entry) => reachable(entry.target)));
  const watchAll = (root) => root.querySelectorAll('.table-scroll, .chart').forEach((box) => watch.observe(box));
  watchAll(document);
  document.addEventListener('htmx:load', (event) => watchAll(event.target));
})();
