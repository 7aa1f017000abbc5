import type { Account } from '../accounts/account.ts'

/** The two pages of the sign-in. No scripts, no outside assets; everything shown is escaped. */

interface Ask {
  readonly redirectUri: string
  readonly challenge: string
  readonly state: string
}

const escapes: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escapeHtml = (text: string): string => text.replaceAll(/[&<>"']/g, (char) => escapes[char] ?? char)

const style = `
:root{color-scheme:light dark;--ink:#1f2328;--soft:#57606a;--paper:#fff;--back:#f4f6f8;--line:#d0d7de;--accent:#1a5fb4;--on:#fff;--bad:#a1201b;--badbg:#fde7e6}
@media(prefers-color-scheme:dark){:root{--ink:#e6e8eb;--soft:#a5adb6;--paper:#202328;--back:#15181c;--line:#3b4148;--accent:#8ab8f5;--on:#10151b;--bad:#ffb0ab;--badbg:#47201e}}
body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--back);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{background:var(--paper);border:1px solid var(--line);border-radius:14px;padding:28px;max-width:380px;width:calc(100% - 32px);box-sizing:border-box}
h1{font-size:20px;margin:0 0 8px}p,ul{margin:8px 0;color:var(--soft)}ul{padding-inline-start:20px}
form{display:grid;gap:12px;margin-top:16px}label{display:grid;gap:4px}
input{font:inherit;padding:9px 11px;border:1px solid var(--line);border-radius:8px;background:var(--paper);color:var(--ink)}
button{font:inherit;padding:10px;border-radius:8px;border:1px solid var(--line);background:none;color:var(--ink);cursor:pointer}
button.main{background:var(--accent);border-color:var(--accent);color:var(--on);font-weight:600}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.fault{background:var(--badbg);color:var(--bad);padding:8px 12px;border-radius:8px}`

const page = (title: string, content: string): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title} · Trialpace</title><style>${style}</style></head><body><main><h1>${title}</h1>${content}</main></body></html>`

const hidden = (ask: Ask): string =>
  Object.entries({
    client_id: 'trialpace-extension',
    response_type: 'code',
    code_challenge_method: 'S256',
    redirect_uri: ask.redirectUri,
    code_challenge: ask.challenge,
    state: ask.state,
  })
    .map(([name, value]) => `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`)
    .join('')

const scope =
  '<p>The Gmail companion will be able to:</p><ul><li>see trialists by their email address</li><li>extend trials, pause and skip emails, add notes, owners and reply labels in your name</li></ul><p>Its scope is <code>companion</code>: it opens nothing else, no list of trialists, no settings, no keys.</p>'

export const signInPage = (ask: Ask & { fault: string | null }): string =>
  page(
    'Sign in',
    `${scope}${ask.fault ? `<p class="fault" role="alert">${escapeHtml(ask.fault)}</p>` : ''}
<form method="post" action="/oauth/authorize">${hidden(ask)}
<label>Email<input name="email" type="email" autocomplete="username" required></label>
<label>Password<input name="password" type="password" autocomplete="current-password" required></label>
<button class="main" name="action" value="sign-in">Sign in and allow</button></form>`,
  )

export const consentPage = (ask: Ask & { account: Account; csrfToken: string }): string =>
  page(
    'Allow the Gmail companion?',
    `<p>You are signed in as <strong>${escapeHtml(ask.account.name)}</strong>.</p>${scope}
<form method="post" action="/oauth/authorize">${hidden(ask)}<input type="hidden" name="csrf" value="${escapeHtml(ask.csrfToken)}">
<button class="main" name="action" value="allow">Allow</button><button name="action" value="deny">Do not allow</button></form>`,
  )

export const faultPage = (why: string): string =>
  page('That did not work', `<p class="fault" role="alert">${escapeHtml(why)}</p>`)
