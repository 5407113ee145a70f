// Upload of a filing in parts (tus 1.0.0), which a broken line only interrupts; digests computed on the visitor's own machine.
// Without it the plain form works.
(() => {
  'use strict';
  const VERSION = '1.0.0', PART = 8 * 1024 * 1024;
  const WAITS = [1, 2, 5, 10, 20, 30]; // seconds before the next try on a broken line; the last one again and again

  const form = document.querySelector('form[data-upload]');
  if (form) {
    const said = form.dataset, language = said.language;
    const button = form.querySelector('button[type=submit]');
    const progress = document.getElementById('upload-progress'), bar = progress.querySelector('progress');
    const pause = document.getElementById('upload-pause'), problem = document.getElementById('upload-problem');
    const tell = (text) => { progress.querySelector('[data-part=text]').textContent = text; };
    let isPaused = false, wake = null, current = null;

    const refuse = (code, what, mend) => {
      problem.querySelector('[data-part=code]').textContent = code;
      problem.querySelector('[data-part=what]').textContent = what;
      problem.querySelector('[data-part=mend]').textContent = mend;
      problem.hidden = false;
      progress.hidden = true;
      pause.hidden = true;
      button.disabled = false;
      problem.scrollIntoView({ block: 'nearest' });
    };

    // Answers {status, header(name), problem}; status 0 is a broken line.
    const ask = (method, address, headers, body, onSent) => new Promise((resolve) => {
      const request = new XMLHttpRequest();
      request.open(method, address);
      request.setRequestHeader('Tus-Resumable', VERSION);
      request.setRequestHeader('X-CSRF-Token', form.elements.csrf_token.value);
      for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
      if (onSent) request.upload.addEventListener('progress', (event) => onSent(event.loaded));
      request.addEventListener('loadend', () => {
        let told = null;
        try { told = JSON.parse(request.responseText); } catch { told = null; }
        current = null;
        resolve({ status: request.status, header: (name) => request.getResponseHeader(name), problem: told, address: request.responseURL });
      });
      current = request;
      request.send(body);
    });

    const base64 = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
    const refusal = (answer) => {
      if (answer.problem?.code) return refuse(answer.problem.code, answer.problem[language], answer.problem[`mend_${language}`]);
      const expired = answer.status === 403 || answer.address.includes('/sign-in');
      return refuse(String(answer.status || ''), expired ? said.expiredText : said.brokenText, '');
    };

    const waits = (seconds) => new Promise((resolve) => {
      const timer = setTimeout(resolve, seconds * 1000);
      wake = () => { clearTimeout(timer); resolve(); };
    });
    const untilResumed = () => new Promise((resolve) => { wake = resolve; });

    const shown = (done, total) => {
      bar.value = Math.floor((100 * done) / total);
      tell(done < total ? `${said.sendingText} ${bar.value}%` : said.takingText);
    };

    // Sends what is missing until all of it has come, whatever happens to the line.
    const send = async (file, place, offset) => {
      let tries = 0, at = offset;
      for (;;) {
        if (isPaused) {
          tell(`${said.pausedText} ${Math.floor((100 * at) / file.size)}%`);
          await untilResumed();
        }
        shown(at, file.size);
        const from = at;
        const answer = await ask('PATCH', place, { 'Content-Type': 'application/offset+octet-stream', 'Upload-Offset': String(from) },
          file.slice(from, from + PART), (sent) => shown(Math.min(from + sent, file.size), file.size));
        if (answer.status === 204) {
          at = Number(answer.header('Upload-Offset'));
          tries = 0;
          const filed = answer.header('Filing-Location');
          if (filed) return window.location.assign(filed);
        } else if (isPaused) {
          continue;
        } else if (answer.status === 0 || answer.status >= 500 || answer.status === 409 || answer.status === 423) {
          tell(said.retryingText);
          await waits(WAITS[Math.min(tries, WAITS.length - 1)]);
          tries += 1;
          const standing = await ask('HEAD', place, {}, null);
          const filed = standing.status === 200 && standing.header('Filing-Location');
          if (filed) return window.location.assign(filed);
          if (standing.status === 200) at = Number(standing.header('Upload-Offset'));
          else if (standing.status !== 0 && standing.status < 500) return refusal(standing);
        } else {
          return refusal(answer);
        }
      }
    };

    const begin = async (files) => {
      tell(said.hashingText);
      const counted = (done, total) => { bar.value = total ? Math.floor((100 * done) / total) : 0; };
      let file = files[0], digest;
      try {
        if (files.length > 1) file = await window.packedParts(files, `${form.elements.feed.value}-${form.elements.period.value}.zip`, counted);
        digest = await window.sha256Of(file, counted);
      } catch {
        return refuse('', said.unreadableText, '');
      }
      if (said.continue && said.continue !== digest) return refuse('', said.otherFileText, '');
      const metadata = {
        feed: form.elements.feed.value, period: form.elements.period.value, filename: file.name, sha256: digest,
        ...(form.elements.test.checked && { test: 'yes' }),
        ...(form.elements.correction.checked && { correction: 'yes' }),
        ...(form.elements.rows.value && { rows: form.elements.rows.value }),
        ...(form.elements.totals.value && { totals: form.elements.totals.value }),
      };
      const header = Object.entries(metadata).map(([name, value]) => `${name} ${base64(value)}`).join(',');
      const answer = await ask('POST', said.uploads, { 'Upload-Length': String(file.size), 'Upload-Metadata': header }, null);
      if (answer.status !== 201) return refusal(answer);
      pause.hidden = false;
      return send(file, answer.header('Location'), Number(answer.header('Upload-Offset')));
    };

    pause.addEventListener('click', () => {
      isPaused = !isPaused;
      pause.textContent = isPaused ? said.resumeText : said.pauseText;
      if (isPaused && current) current.abort();
      if (!isPaused && wake) wake();
    });
    window.addEventListener('online', () => { if (!isPaused && wake) wake(); });

    form.elements.file.multiple = true;
    form.addEventListener('submit', (event) => {
      const files = [...form.elements.file.files];
      if (!files.length) return;
      event.preventDefault();
      problem.hidden = true;
      if (files.reduce((sum, file) => sum + file.size, 0) > Number(said.most)) {
        refuse('T01', said.mostText, '');
        return;
      }
      button.disabled = true;
      isPaused = false;
      pause.textContent = said.pauseText;
      progress.hidden = false;
      begin(files);
    });
  }

  document.querySelectorAll('[data-digest-of-file]').forEach((part) => {
    part.hidden = false;
    const chooser = part.querySelector('input[type=file]');
    chooser.addEventListener('change', async () => {
      if (chooser.files[0]) document.getElementById(chooser.dataset.into).value = await window.sha256Of(chooser.files[0]);
    });
  });
})();
