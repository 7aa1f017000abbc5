import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path/posix'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { type EcmaScriptModule, type Program, parseSync, type Span, Visitor } from 'oxc-parser'

/**
 * Which folder may import what. Run by `npm run check`; fails with one line per import against the order.
 * Layers are matched from the top: the first one whose path fits a file is its layer.
 */
interface Layer {
  readonly path: string
  readonly may: readonly string[]
  /** Decides by its arguments alone: no clock, no chance, no input or output. */
  readonly pure?: boolean
  /** May import from its own subfolder, and types from its siblings. */
  readonly ownFolder?: boolean
  readonly types?: readonly string[]
}

interface Import {
  readonly line: number
  readonly path: string
  readonly isType: boolean
  readonly names: readonly string[]
}

const domainOrder = ['time', 'playbook', 'trial', 'activation']
const ports = [
  'server/ports.ts',
  'server/pause.ts',
  'server/package-root.ts',
  'server/prometheus.ts',
  'server/start-thread.ts',
  'server/thread-priority.ts',
  'server/start-small.ts',
]
const belowFeatures = [
  'shared',
  'server/domain',
  'server/locales',
  'server/storage',
  'server/adapters',
  'server/http',
  ...ports,
]
const belowCompose = [...belowFeatures, 'server/features', 'server/config.ts', 'server/environment.ts']
const everythingBelow = [...belowCompose, 'server/compose']

const layers: readonly Layer[] = [
  { path: 'shared', may: ['shared'], pure: true },
  { path: 'sdk', may: ['sdk', 'shared'] },
  { path: 'extension', may: ['extension', 'shared'] },
  { path: 'server/ui', may: ['server/ui', 'shared'] },
  { path: 'server/demo/app', may: ['server/demo/app', 'sdk', 'shared'] },
  ...domainOrder.map((name, index) => ({
    path: `server/domain/${name}`,
    may: ['shared', ...domainOrder.slice(0, index + 1).map((lower) => `server/domain/${lower}`)],
    pure: true,
  })),
  ...['messages', 'nudges', 'metrics'].map((name) => ({
    path: `server/domain/${name}`,
    may: ['shared', ...domainOrder.map((lower) => `server/domain/${lower}`), `server/domain/${name}`],
    pure: true,
  })),
  { path: 'server/domain', may: ['shared', 'server/domain'], pure: true },
  { path: 'server/locales', may: ['shared', 'server/locales'] },
  { path: 'server/storage', may: ['shared', 'server/domain', 'server/storage', ...ports] },
  {
    path: 'server/adapters',
    may: ['shared', 'server/domain', 'server/locales', 'server/adapters', ...ports],
  },
  { path: 'server/http', may: ['shared', 'server/domain', 'server/storage', 'server/http', ...ports] },
  {
    path: 'server/features',
    may: belowFeatures,
    ownFolder: true,
    types: ['server/features', 'server/config.ts', 'server/environment.ts'],
  },
  { path: 'server/compose', may: everythingBelow },
  { path: 'server/cli', may: [...everythingBelow, 'server/cli', 'server/demo'] },
  { path: 'server/demo', may: [...everythingBelow, 'server/demo'] },
  { path: 'server/main.ts', may: everythingBelow },
  { path: 'server/cli.ts', may: [...everythingBelow, 'server/cli'] },
  { path: 'server', may: ['shared', 'server'] },
]

/** Packages that compute and nothing else, allowed where no clock, chance or input may reach. */
const purePackages = ['zod', 'isbot', 'bowser', 'tldts', 'lru-cache']
/** Hashes and bytes of Node compute; everything else of it reaches the machine. */
const pureNodeModules = ['node:crypto', 'node:buffer']
const impureCryptoNames = ['randomBytes', 'randomUUID', 'randomInt', 'randomFillSync', 'getRandomValues']

const contains = (folder: string, file: string) => file === folder || file.startsWith(`${folder}/`)
const layerOf = (file: string) => layers.find(({ path }) => contains(path, file))

const lineOf = (source: string, { start }: Span) => source.slice(0, start).split('\n').length

/** What a file imports or passes on. */
function importsOf(program: Program, module: EcmaScriptModule, source: string): Import[] {
  const found: Import[] = module.staticImports.map((item) => ({
    line: lineOf(source, item),
    path: item.moduleRequest.value,
    isType: item.entries.length > 0 && item.entries.every((entry) => entry.isType),
    names: item.entries.map((entry) => entry.importName.name ?? ''),
  }))
  for (const item of module.staticExports)
    for (const { moduleRequest, isType } of item.entries)
      if (moduleRequest)
        found.push({ line: lineOf(source, item), path: moduleRequest.value, isType, names: [] })
  new Visitor({
    ImportExpression(node) {
      if (node.source.type === 'Literal' && typeof node.source.value === 'string')
        found.push({ line: lineOf(source, node), path: node.source.value, isType: false, names: [] })
    },
  }).visit(program)
  return found
}

/** Uses of a clock or of chance in code that must decide by its arguments alone. */
function impureUses(program: Program, source: string) {
  const found: { line: number; what: string }[] = []
  const add = (node: Span, what: string) => found.push({ line: lineOf(source, node), what })
  const isNamed = (node: { type: string; name?: unknown }, name: string) =>
    node.type === 'Identifier' && node.name === name
  new Visitor({
    MemberExpression(node) {
      if (isNamed(node.object, 'Date') && isNamed(node.property, 'now')) add(node, 'Date.now')
      if (isNamed(node.object, 'Math') && isNamed(node.property, 'random')) add(node, 'Math.random')
      if (isNamed(node.object, 'performance') && isNamed(node.property, 'now')) add(node, 'performance.now')
    },
    NewExpression(node) {
      if (isNamed(node.callee, 'Date') && node.arguments.length === 0)
        add(node, 'new Date() without an argument')
    },
    CallExpression(node) {
      for (const name of ['setTimeout', 'setInterval', 'setImmediate', 'fetch'])
        if (isNamed(node.callee, name)) add(node, name)
    },
  }).visit(program)
  return found
}

function importFault(file: string, layer: Layer, { path, isType, names }: Import): string | null {
  if (!path.startsWith('.')) {
    if (!layer.pure || isType || purePackages.some((name) => contains(name, path))) return null
    const isPure = pureNodeModules.includes(path) && !names.some((name) => impureCryptoNames.includes(name))
    return isPure ? null : `${path} reaches beyond its arguments; ${layer.path} is pure`
  }
  const target = join(dirname(file), path)
  const ownFolder = layer.ownFolder && file.split('/').slice(0, 3).join('/')
  const allowed = [
    ...layer.may,
    ...(ownFolder ? [ownFolder] : []),
    ...(isType && layer.types ? layer.types : []),
  ]
  if (allowed.some((folder) => contains(folder, target))) return null
  return `${layer.path} may not import ${isType ? 'types' : 'values'} from ${target}`
}

/** A line for each breach, `file:line: what`. @param file path from the repository's root */
export function breachesOf(file: string, source: string): string[] {
  const layer = layerOf(file)
  if (!layer) return []
  const { program, module } = parseSync(file, source)
  const imports = importsOf(program, module, source)
    .map((item) => ({ line: item.line, what: importFault(file, layer, item) }))
    .filter(({ what }) => what !== null)
  const uses = layer.pure
    ? impureUses(program, source).map(({ line, what }) => ({
        line,
        what: `${what} in ${layer.path}, which is pure`,
      }))
    : []
  return [...imports, ...uses].map(({ line, what }) => `${file}:${line}: ${what}`)
}

function main() {
  const root = fileURLToPath(new URL('..', import.meta.url))
  const files = execFileSync(
    'git',
    ['ls-files', '--cached', '--others', '--exclude-standard', '--', 'shared', 'sdk', 'extension', 'server'],
    {
      cwd: root,
      encoding: 'utf8',
    },
  )
    .split('\n')
    .filter((file) => /\.tsx?$/.test(file))
  const breaches = files.flatMap((file) => breachesOf(file, readFileSync(join(root, file), 'utf8')))
  for (const breach of breaches) console.error(breach)
  if (breaches.length > 0) {
    console.error(
      `${breaches.length} imports against the layer order; see server/README.md, "What may import what".`,
    )
    process.exitCode = 1
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main()
