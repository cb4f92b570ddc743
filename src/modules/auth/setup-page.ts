/** Everything that the set-up page may load: its own inline style, nothing else. */
export const SETUP_PAGE_CSP =
  "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const STYLE = `
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: light-dark(#f4f6f8, #14181d); color: light-dark(#16202a, #e6ebf0); }
  main { box-sizing: border-box; width: min(26rem, 100vw - 2rem); padding: 2rem; border-radius: .75rem; background: light-dark(#fff, #1d232a); box-shadow: 0 1px 8px #0003; }
  h1 { margin: 0 0 .5rem; font-size: 1.4rem; }
  p { margin: 0 0 1.25rem; color: light-dark(#4a5662, #a9b4bf); }
  label { display: block; margin-bottom: 1rem; font-weight: 600; }
  input { box-sizing: border-box; width: 100%; margin-top: .25rem; padding: .6rem .7rem; font: inherit; color: inherit; background: transparent; border: 1px solid light-dark(#8895a2, #6c7a88); border-radius: .4rem; }
  small { display: block; font-weight: 400; color: light-dark(#4a5662, #a9b4bf); }
  button { width: 100%; padding: .7rem; font: inherit; font-weight: 600; color: #fff; background: #1864ab; border: 0; border-radius: .4rem; cursor: pointer; }
  :focus-visible { outline: 3px solid #4dabf7; outline-offset: 2px; }
  .problem { padding: .6rem .8rem; border-radius: .4rem; color: light-dark(#8a1414, #ffc9c9); background: light-dark(#ffe3e3, #4a1d1d); }
`;

export interface SetupForm {
  token: string;
  name?: string;
  email?: string;
  /** Why the last try was refused. */
  problem?: string;
}

/** The form that makes the owner’s account. Works without JavaScript. */
export function setupPage({ token, name = '', email = '', problem }: SetupForm): string {
  return page(`
    <h1>Welcome to Watchkeep</h1>
    <p>Make the owner’s account. This link works once.</p>
    ${problem ? `<p class="problem" role="alert">${escape(problem)}</p>` : ''}
    <form method="post" action="/setup">
      <input type="hidden" name="token" value="${escape(token)}">
      <label>Your name <input name="name" value="${escape(name)}" autocomplete="name" maxlength="100" required autofocus></label>
      <label>E-mail address <input name="email" type="email" value="${escape(email)}" autocomplete="email" maxlength="320" required></label>
      <label>Password <input name="password" type="password" autocomplete="new-password" minlength="12" maxlength="1000" required>
        <small>At least 12 characters.</small></label>
      <button>Create the account</button>
    </form>`);
}

/** Shown when the link is not good (any more). */
export function setupRefusedPage(): string {
  return page(`
    <h1>This link does not work</h1>
    <p>It has been used or replaced. While there is no owner yet, each start of Watchkeep prints a new one.</p>`);
}

function page(body: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Set up Watchkeep</title><style>${STYLE}</style></head>
<body><main>${body}</main></body>
</html>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
