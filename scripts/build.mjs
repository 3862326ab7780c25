/**
 * Compiles src/ to dist/ and bundles it, builds the console into dist/console, and copies what is not TypeScript (bootstraps of
 * functions). The stamp comes last: bin/regente.js takes the build only if it is newer than every source file. Runs on Node 20.
 */
import {
  appendFileSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { extname, join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

import { mustRun, NODE, ROOT } from './node.mjs'
import { LIBRARIES } from './bundle.mjs'
import { setUp } from './setup.mjs'

export async function build() {
  const startedAt = new Date()
  const [source, fresh, final, old] = ['src', 'dist.new', 'dist', 'dist.old'].map((name) => join(ROOT, name))
  for (const leftover of [fresh, old]) rmSync(leftover, { recursive: true, force: true })
  await mustRun('The build', NODE, [
    join(ROOT, 'node_modules/typescript/bin/tsc'),
    '-p',
    'tsconfig.build.json',
    '--outDir',
    fresh,
  ])
  keepTypesOf(
    LIBRARIES.map((name) => join(fresh, name.replace(/\.js$/, '.d.ts'))),
    fresh,
  )
  await mustRun('The bundling', NODE, [join(ROOT, 'scripts/bundle.mjs'), fresh])
  copyRest(source, fresh)
  await buildConsole(join(fresh, 'console'))
  writeFileSync(join(fresh, '.stamp'), `${startedAt.toISOString()}\n`)
  // A server that runs from the old build goes on with the new one: what it loads later is there at any moment but one.
  if (existsSync(final)) renameSync(final, old)
  renameSync(fresh, final)
  rmSync(old, { recursive: true, force: true })
}

/** Builds where something was changed since the last build. */
export async function buildIfStale() {
  const stamp = join(ROOT, 'dist/.stamp')
  const builtAt = existsSync(stamp) ? statSync(stamp).mtimeMs : 0
  const sources = ['src', 'console', 'package-lock.json', 'tsconfig.build.json', 'scripts/build.mjs', 'scripts/bundle.mjs'].map(
    (name) => join(ROOT, name),
  )
  if (sources.some((path) => newestIn(path) > builtAt)) await build()
}

function newestIn(path) {
  const own = statSync(path)
  if (!own.isDirectory()) return own.mtimeMs
  return Math.max(own.mtimeMs, ...readdirSync(path).map((name) => newestIn(join(path, name))))
}

/** Users read the types of our public names, and what those are made of; no others. */
function keepTypesOf(entries, folder) {
  const wanted = new Set()
  const visit = (path) => {
    if (wanted.has(path)) return
    wanted.add(path)
    for (const [, name] of readFileSync(path, 'utf8').matchAll(/(?:\bfrom\s|\bimport[\s(])\s*['"](\.{1,2}\/[^'"]+)\.ts['"]/g))
      visit(join(path, '..', `${name}.d.ts`))
  }
  for (const entry of entries.filter(existsSync)) visit(entry)
  for (const name of readdirSync(folder, { recursive: true })) {
    const path = join(folder, name)
    if (path.endsWith('.d.ts') && !wanted.has(path)) rmSync(path)
  }
}

/** Compressed here once, so that no answer has to be. */
async function buildConsole(target) {
  const vite = join(ROOT, 'node_modules/vite/bin/vite.js')
  await mustRun('The build of the console', NODE, [vite, 'build', 'console', '--outDir', target, '--logLevel', 'warn'])
  // Vite writes the licence of each package that it bundles; what Cloudscape itself contains stands in a file of its own.
  const within = join(ROOT, 'node_modules/@cloudscape-design/components/THIRD-PARTY-LICENSES')
  appendFileSync(join(target, 'licenses.md'), `\nWithin @cloudscape-design/components:\n\n${readFileSync(within, 'utf8')}`)
  for (const item of readdirSync(target, { recursive: true, withFileTypes: true })) {
    if (!item.isFile() || !['.js', '.css', '.html', '.svg', '.json'].includes(extname(item.name))) continue
    const path = join(item.parentPath, item.name)
    const bytes = readFileSync(path)
    if (bytes.length < 1_024) continue
    writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }))
    const params = { [constants.BROTLI_PARAM_QUALITY]: 9 }
    writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params }))
  }
}

/** Everything but TypeScript, the READMEs, and what only tests read. */
function copyRest(from, to) {
  for (const item of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, item.name), join(to, item.name)]
    if (item.isDirectory()) {
      if (item.name !== 'testing') copyRest(source, target)
    } else if (!/\.(?:ts|md)$/.test(item.name)) cpSync(source, target, { recursive: true })
  }
}

if (process.argv[1] === import.meta.filename) {
  if (!existsSync(NODE)) await setUp()
  await (process.argv.includes('--if-stale') ? buildIfStale() : build())
}
