import { escapeHtml, markedJson } from './marked-json.js';
import type { PrivacyTestView } from './privacy-test-form.js';

/** Everything that the page may load: its own inline style, nothing else. */
export const TEST_PAGE_CSP =
  "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const STYLE = `
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  * { box-sizing: border-box; }
  body { margin: 0; background: light-dark(#f4f6f8, #14181d); color: light-dark(#16202a, #e6ebf0); }
  main { max-width: 90rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
  h1 { margin: 0 0 .25rem; font-size: 1.4rem; }
  h2 { margin: 0 0 .5rem; font-size: 1.1rem; }
  p { margin: 0 0 1rem; max-width: 65ch; color: light-dark(#4a5662, #a9b4bf); }
  .columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 28rem), 1fr)); gap: 1rem; align-items: start; }
  .card { min-width: 0; padding: 1rem; border-radius: .75rem; background: light-dark(#fff, #1d232a); box-shadow: 0 1px 8px #0003; }
  label, summary { font-weight: 600; }
  summary { padding: .25rem 0; cursor: pointer; }
  textarea, pre { width: 100%; margin: .25rem 0 1rem; padding: .6rem .7rem; font: 13px/1.5 ui-monospace, monospace; color: inherit; background: light-dark(#fafbfc, #14181d); border: 1px solid light-dark(#8895a2, #6c7a88); border-radius: .4rem; }
  textarea { min-height: 20rem; resize: vertical; }
  pre { overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere; }
  mark { padding: 0 .2em; border-radius: .2em; color: light-dark(#4a2b00, #ffe8b3); background: light-dark(#ffe08a, #5c3d00); }
  button { padding: .6rem 1.2rem; font: inherit; font-weight: 600; color: #fff; background: #1864ab; border: 0; border-radius: .4rem; cursor: pointer; }
  :focus-visible { outline: 3px solid light-dark(#1864ab, #4dabf7); outline-offset: 2px; }
  table { width: 100%; border-collapse: collapse; }
  th, td { padding: .35rem .5rem .35rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid light-dark(#d5dbe1, #333c46); overflow-wrap: anywhere; }
  code { font: 13px ui-monospace, monospace; }
  .problem { padding: .6rem .8rem; border-radius: .4rem; color: light-dark(#8a1414, #ffc9c9); background: light-dark(#ffe3e3, #4a1d1d); }
`;

/** A sample on the left, what would be stored of it on the right. Works without JavaScript. */
export function testPage(view: PrivacyTestView): string {
  const settingsAreOpen = view.problem?.startsWith('settings') ? ' open' : '';
  return page(`
    <h1>What would be stored?</h1>
    <p>Paste an error as your program reports it: the body of <code>POST /api/errors</code>, or an event of a Sentry SDK.
      Nothing of it is stored.</p>
    ${view.problem === undefined ? '' : `<p class="problem" role="alert">${escapeHtml(view.problem)}</p>`}
    <div class="columns">
      <form class="card" method="post" action="/settings/privacy/test">
        <label for="sample">Sample (JSON)</label>
        <textarea id="sample" name="sample" spellcheck="false" autocomplete="off" required>
${escapeHtml(view.sample)}</textarea>
        <details${settingsAreOpen}>
          <summary>Settings to try</summary>
          <p>As <code>PUT /api/settings/privacy</code> takes them. Leave this empty for those that hold now.</p>
          <textarea name="settings" aria-label="Settings to try (JSON)" spellcheck="false" autocomplete="off">
${escapeHtml(view.settings)}</textarea>
        </details>
        <button>Try</button>
      </form>
      <section class="card" aria-labelledby="result">
        <h2 id="result">Result</h2>
        ${resultOf(view)}
      </section>
    </div>`);
}

function resultOf({ preview }: PrivacyTestView): string {
  if (!preview) return '<p>What would be stored appears here.</p>';
  const { kind, result, changes } = preview;
  const taken = kind === 'report' ? 'a report' : 'an event of a Sentry SDK';
  const rows = changes.map(
    ({ path, rules }) =>
      `<tr><td><code>${escapeHtml(path.join('.'))}</code></td><td>${escapeHtml(rules.join(', '))}</td></tr>`,
  );
  const list =
    rows.length === 0
      ? '<p>Nothing is changed.</p>'
      : `<table><thead><tr><th scope="col">Changed</th><th scope="col">By</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
  return `<p>Taken for ${taken}. Marked is what is not stored as it was given.</p>
        <pre tabindex="0" aria-label="What would be stored">${markedJson(result, changes)}</pre>
        ${list}`;
}

/** Shown to who is not signed in, or may not change settings. */
export function refusedPage(reason: string): string {
  return page(`
    <h1>What would be stored?</h1>
    <p class="problem" role="alert">${escapeHtml(reason)}</p>
    <p>This page is for people who may change the settings. Sign in as an owner or an admin, and open it again.</p>`);
}

function page(body: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Try the privacy settings – Watchkeep</title><style>${STYLE}</style></head>
<body><main>${body}</main></body>
</html>`;
}
