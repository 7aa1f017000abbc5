/** White space and the last semicolon of the one style sheet, which lies in a template string. */
const smallerStyles = {
  name: 'smaller-styles',
  transform: (code, id) =>
    id.endsWith('ui/styles.ts') ? { code: code.replace(/\n\s*/g, '').replace(/;\}/g, '}'), map: null } : null,
}

/**
 * Script files in a folder per version (and the moving `v1`), and the same code for bundlers in `esm`.
 * @param plugins browserPlugins of the root configuration.
 */
export function sdkBuilds({ version, plugins }) {
  const folder = `dist/sdk/${version}`
  const minified = () => [smallerStyles, ...plugins({}, { mangle: true })]
  const both = (name, format) =>
    [`${folder}/${name}`, `dist/sdk/v1/${name}`].map((file) => ({ file, format }))
  const chunk = (name, input) => ({
    input: { [name]: input },
    output: { dir: folder, format: 'es' },
    plugins: minified(),
  })
  return [
    { input: 'sdk/stub.js', output: both('stub.js', 'es'), plugins: minified() },
    { input: 'sdk/tp.ts', output: both('tp.js', 'iife'), plugins: minified() },
    chunk('nudge', 'sdk/ui/nudge-ui.ts'),
    chunk('debug', 'sdk/debug/debug.ts'),
  ]
}
