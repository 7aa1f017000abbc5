/** The manifest, made at build time: `chrome` (MV3 with side panel) or `firefox` (MV3 with event page and sidebar). */

export interface ManifestOptions {
  target: 'chrome' | 'firefox'
  version: string
  /** Public key that fixes the extension id, so that the server can name the redirect address. */
  key?: string
  /** Test build only: origins that need no prompt. */
  hosts?: string[]
}

const gmail = 'https://mail.google.com/*'
const icons = { 16: 'icons/16.png', 32: 'icons/32.png', 48: 'icons/48.png', 128: 'icons/128.png' }

export function manifest({ target, version, key, hosts }: ManifestOptions): Record<string, unknown> {
  const common = {
    manifest_version: 3,
    name: 'Trialpace for Gmail',
    short_name: 'Trialpace',
    description: 'See where a trialist stands and extend the trial, without leaving the thread.',
    version,
    icons,
    action: { default_title: 'Trialpace', default_icon: icons },
    content_scripts: [{ matches: [gmail], js: ['gmail.js'], run_at: 'document_idle' }],
    optional_host_permissions: ['https://*/*', 'http://localhost/*', 'http://127.0.0.1/*'],
    ...(hosts ? { host_permissions: hosts } : {}),
    commands: {
      'toggle-card': {
        suggested_key: { default: 'Alt+Shift+T' },
        description: 'Show or hide the card in Gmail',
      },
      'extend-trial': {
        suggested_key: { default: 'Alt+Shift+E' },
        description: 'Open the menu to extend the trial shown',
      },
    },
    options_ui: { page: 'options.html', open_in_tab: true },
    content_security_policy: {
      extension_pages:
        "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src 'self'; connect-src https: http://localhost:* http://127.0.0.1:*",
    },
  }
  if (target === 'firefox')
    return {
      ...common,
      permissions: ['storage', 'identity'],
      background: { scripts: ['background.js'], type: 'module' },
      sidebar_action: { default_panel: 'panel.html', default_title: 'Trialpace' },
      browser_specific_settings: { gecko: { id: 'gmail@trialpace.dev', strict_min_version: '121.0' } },
    }
  return {
    ...common,
    ...(key ? { key } : {}),
    minimum_chrome_version: '116',
    permissions: ['storage', 'identity', 'sidePanel'],
    background: { service_worker: 'background.js', type: 'module' },
    side_panel: { default_path: 'panel.html' },
  }
}
