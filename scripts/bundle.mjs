/**
 * Makes few files of the many that were compiled: Node asks the disk several times for each module, and a server has hundreds.
 * What is loaded by its path (the command, the library, threads) keeps its place; all other code moves into chunks. A module that
 * looks for a file beside itself finds it where it was. What npm installs stays outside. Runs on Node 20.
 */
import { readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, posix, relative, sep } from 'node:path'

/** What `exports` of package.json names. */
export const LIBRARIES = [
  'index.js',
  'testkit/index.js',
  ...['vitest', 'jest', 'node'].map((name) => `testkit/expect/${name}.js`),
]
const COMMAND = 'cli/main.js'
const KEPT_AFTER_MS = 2_000
/** Stands for the way from a file to the folder, until the file has its name. */
const HOME = '<way home>'

/** Bundles the modules of a folder in place. Throws where that cannot be. */
export async function bundle(folder) {
  const modules = readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith('.js'))
    .map((name) => name.replaceAll(sep, '/'))
  const sources = new Map(modules.map((name) => [name, readFileSync(join(folder, name), 'utf8')]))
  const begun = [COMMAND, ...threadsOf(sources)]
  const libraries = modules.filter((name) => LIBRARIES.includes(name))
  // Vite brings it.
  const { rolldown } = createRequire(createRequire(import.meta.url).resolve('vite'))('rolldown')
  const build = await rolldown({
    input: Object.fromEntries([...libraries, ...begun].map((name) => [name, join(folder, name)])),
    platform: 'node',
    external: (id) => !/^(?:\.|\/|[A-Z]:)/.test(id),
    plugins: [placesKept(folder), builtinsByName],
  })
  await build.write({
    dir: folder,
    entryFileNames: ({ name }) => (LIBRARIES.includes(name) ? name : codeOf(name)),
    // Without hashes: a server that goes on while this is built anew finds what it loads later.
    chunkFileNames: 'chunks/[name].js',
    minifyInternalExports: false,
    // All need some of it.
    codeSplitting: { groups: [{ name: 'base', test: /[\\/]base[\\/][^\\/]+\.js$/ }] },
  })
  await build.close()
  for (const name of modules) if (!LIBRARIES.includes(name)) rmSync(join(folder, name))
  for (const name of begun) writeFileSync(join(folder, name), beginning(name))
  removeEmpty(folder)
}

/** Code of threads, which is named as in `new URL(`./writer.${extension}`, import.meta.url)`. */
function threadsOf(sources) {
  return [...sources].flatMap(([name, source]) =>
    [...source.matchAll(/new URL\(`(\.[\w./-]+)\.\$\{/g)].map(([, path]) => `${posix.join(posix.dirname(name), path)}.js`),
  )
}

const codeOf = (name) => name.replace(/\.js$/, '.code.js')

/**
 * A process or thread of ours begins with the cache of compiled code, which lies in the package: whoever can write there could change
 * the code itself. Where nobody may, there is none. A server that is killed leaves it all the same, so it is kept soon.
 */
const beginning = (name) => `const { enableCompileCache, flushCompileCache } = process.getBuiltinModule('node:module')
enableCompileCache(process.getBuiltinModule('node:path').join(import.meta.dirname, '${wayHome(name)}/../node_modules/.cache/regente'))
setTimeout(() => flushCompileCache(), ${KEPT_AFTER_MS}).unref()
await import('./${posix.basename(codeOf(name))}')
`

const wayHome = (name) => posix.relative(posix.dirname(name), '.') || '.'

/** `import.meta` tells a module the place that it had as a file of its own. */
function placesKept(folder) {
  return {
    name: 'places-kept',
    transform(code, id) {
      if (!code.includes('import.meta.')) return
      const file = `new URL(${JSON.stringify(`${HOME}/${relative(folder, id).replaceAll(sep, '/')}`)}, import.meta.url)`
      const path = `process.getBuiltinModule('node:url').fileURLToPath(${file})`
      return code
        .replaceAll('import.meta.url', `${file}.href`)
        .replaceAll('import.meta.filename', path)
        .replaceAll('import.meta.dirname', `process.getBuiltinModule('node:path').dirname(${path})`)
    },
    renderChunk: (code, { fileName }) => code.replaceAll(HOME, wayHome(fileName)),
  }
}

/**
 * An `import` of a module of Node's asks that for all it has, and some is loaded only when it is asked for: with node:http comes
 * undici, for WebSocket, some 30 ms and 5 MB in every thread. So what our code takes is asked for by name.
 */
const builtinsByName = {
  name: 'builtins-by-name',
  renderChunk: (code) =>
    code.replaceAll(
      /^import \{([^}]+)\} from "(node:[\w/]+)";$/gm,
      (_, names, id) => `const {${names.replaceAll(' as ', ': ')}} = process.getBuiltinModule("${id}");`,
    ),
}

function removeEmpty(folder) {
  for (const item of readdirSync(folder, { withFileTypes: true })) if (item.isDirectory()) removeEmpty(join(folder, item.name))
  if (readdirSync(folder).length === 0) rmdirSync(folder)
}

if (process.argv[1] === import.meta.filename) await bundle(process.argv[2])
