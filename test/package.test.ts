/** What is handed on: licences, and the pages that messages and documents point to. */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { expect, test } from 'vitest'

import { noticeText } from '../scripts/notice.mjs'

const ROOT = join(import.meta.dirname, '..')
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const packed = (): readonly string[] => {
  const json = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts', '--loglevel=silent'], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    shell: process.platform === 'win32',
  })
  const [{ files }] = JSON.parse(json) as [{ readonly files: readonly { readonly path: string }[] }]
  return files.map(({ path }) => path)
}

test('NOTICE names what the console is built of and what is installed with us (npm run notice writes it)', () => {
  expect(read('NOTICE')).toBe(noticeText())
})

test('the package has its licences, and the pages that its messages name', () => {
  const files = packed()
  for (const file of ['LICENSE', 'NOTICE', 'dist/console/licenses.md', 'docs/rules/DUPLICATE_KEY.md'])
    expect(files).toContain(file)
})

test('the package has no tests, and nothing that only tests use', () => {
  const ours = packed().filter((path) => path.startsWith('dist/') && !path.startsWith('dist/console/'))
  expect(ours.length).toBeGreaterThan(100)
  expect(ours).toContain('dist/index.d.ts')
  expect(
    ours.filter((path) =>
      /\.test\.|\/testing\/|contract-suite|fake-|\.map$|kill-child|-in-test|test-world|test-scope/.test(path),
    ),
  ).toEqual([])
})

const built = readdirSync(join(ROOT, 'dist'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.js') && !path.startsWith('console'))
  .map((path) => ({ path, text: read(join('dist', path)) }))

test("the build asks Node's modules for what it takes by name: an import of node:http alone brings 5 MB along", () => {
  expect(built.filter(({ text }) => /^import .*["']node:/m.test(text)).map(({ path }) => path)).toEqual([])
})

test('every thread of the build is where its starter looks for it, and no place was left open', () => {
  const threads = built.flatMap(({ text }) => [
    ...text.matchAll(/new URL\(`\.\/([\w-]+)\.\$\{.*?\}`, new URL\("(?:\.\.?\/)*([^"]+)\/[^/"]+", import\.meta\.url\)/g),
  ])
  expect(threads.length).toBeGreaterThan(3)
  for (const [, name, folder] of threads) expect(existsSync(join(ROOT, 'dist', `${folder}/${name}.js`))).toBe(true)
  expect(built.filter(({ text }) => text.includes('<way home>'))).toEqual([])
})

test('every link between the documents leads somewhere', () => {
  const pages = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md']
  const all = [...pages, ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' }).map((path) => `docs/${path}`)]
  const broken = all
    .filter((path) => path.endsWith('.md'))
    .flatMap((path) =>
      [...read(path).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)]
        .map(([, target = '']) => join(dirname(path), target))
        .filter((target) => !existsSync(join(ROOT, target)))
        .map((target) => `${path}: ${target}`),
    )
  expect(broken).toEqual([])
})
