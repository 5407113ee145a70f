// Upload of a filing with progress, and digests computed on the visitor's own machine. Without it the plain form works.
(() => {
  'use strict';
  const HASHED_AT_MOST = 256 * 1024 * 1024; // the browser can only digest what it holds in memory

  const digestOf = async (file) => {
    if (!window.crypto?.subtle || file.size > HASHED_AT_MOST) return '';
    const digest = await crypto.subtle.digest('SHA-256', await file.arrayBuffer());
    return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
  };

  const form = document.querySelector('form[data-upload]');
  if (form) {
    const button = form.querySelector('button[type=submit]');
    const progress = document.getElementById('upload-progress');
    const bar = progress.querySelector('progress');
    const problem = document.getElementById('upload-problem');
    const tell = (text) => { progress.querySelector('[data-part=text]').textContent = text; };

    const refuse = (code, what, mend) => {
      problem.querySelector('[data-part=code]').textContent = code;
      problem.querySelector('[data-part=what]').textContent = what;
      problem.querySelector('[data-part=mend]').textContent = mend;
      problem.hidden = false;
      progress.hidden = true;
      button.disabled = false;
      problem.scrollIntoView({ block: 'nearest' });
    };

    const answered = (request) => {
      let answer = null;
      try { answer = JSON.parse(request.responseText); } catch { answer = null; }
      if (answer?.location && (request.status === 200 || request.status === 201)) {
        window.location.assign(answer.location);
      } else if (answer?.code) {
        const language = form.dataset.language;
        refuse(answer.code, answer[language], answer[`mend_${language}`]);
      } else {
        const expired = request.status === 403 || request.responseURL.includes('/sign-in');
        refuse(String(request.status), expired ? form.dataset.expiredText : form.dataset.brokenText, '');
      }
    };

    const send = (file, digest) => {
      const address = new URL(form.action);
      address.search = new URLSearchParams({
        feed: form.elements.feed.value, period: form.elements.period.value, filename: file.name,
        ...(form.elements.test.checked && { test: 'yes' }),
        ...(digest && { sha256: digest }),
      });
      const request = new XMLHttpRequest();
      request.open('PUT', address);
      request.setRequestHeader('Content-Type', 'application/octet-stream');
      request.setRequestHeader('X-CSRF-Token', form.elements.csrf_token.value);
      request.upload.addEventListener('progress', (event) => {
        const percent = Math.floor((100 * event.loaded) / (event.total || 1));
        bar.value = percent;
        tell(percent < 100 ? `${form.dataset.sendingText} ${percent}%` : form.dataset.takingText);
      });
      request.addEventListener('load', () => answered(request));
      request.addEventListener('error', () => refuse('', form.dataset.brokenText, ''));
      request.send(file);
    };

    form.addEventListener('submit', async (event) => {
      const file = form.elements.file.files[0];
      if (!file) return;
      event.preventDefault();
      problem.hidden = true;
      if (file.size > Number(form.dataset.most)) {
        refuse('T01', form.dataset.mostText, '');
        return;
      }
      button.disabled = true;
      progress.hidden = false;
      tell(form.dataset.hashingText);
      send(file, await digestOf(file));
    });
  }

  document.querySelectorAll('[data-digest-of-file]').forEach((part) => {
    if (!window.crypto?.subtle) return;
    part.hidden = false;
    const chooser = part.querySelector('input[type=file]');
    chooser.addEventListener('change', async () => {
      if (chooser.files[0]) document.getElementById(chooser.dataset.into).value = await digestOf(chooser.files[0]);
    });
  });
})();
