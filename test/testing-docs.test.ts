/** Every snippet of docs/testing.md runs: its TypeScript as vitest files, beside the files that it shows. */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

import { afterAll, beforeAll, expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')
const page = readFileSync(join(ROOT, 'docs/testing.md'), 'utf8')
const blocks = [...page.matchAll(/^```(\w+)(?: ([\w./-]+))?\n([\s\S]*?)^```$/gm)].map(([, language = '', file, text = '']) => ({
  language,
  file,
  text,
}))

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'regente-snippets-'))
  // Imports of packages are resolved from here.
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  for (const [index, { language, file, text }] of blocks.entries()) {
    const path = file ?? (language === 'ts' ? `snippet-${index}.test.ts` : undefined)
    if (path === undefined) continue
    mkdirSync(join(folder, dirname(path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const kit = (path: string) => JSON.stringify(join(ROOT, 'src/testkit', path))
  const matchers = `{ find: /^regente\\/testing\\/(\\w+)$/, replacement: ${kit('expect/$1.ts')} }`
  const alias = `[{ find: /^regente\\/testing$/, replacement: ${kit('index.ts')} }, ${matchers}]`
  const config = `export default { resolve: { alias: ${alias} }, server: { fs: { strict: false } }, test: { include: ['*.test.ts'], testTimeout: 60_000 } }`
  writeFileSync(join(folder, 'vitest.config.mjs'), config)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('the page has snippets', () => {
  expect(blocks.filter(({ language }) => language === 'ts').length).toBeGreaterThan(3)
})

test('and all of them pass', { timeout: 120_000 }, async () => {
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs')
  const run = promisify(execFile)(process.execPath, [vitest, 'run', '--root', folder], {
    cwd: folder,
    env: { ...process.env, CI: 'true', NO_COLOR: '1', FORCE_COLOR: '0' },
  })
  const { stdout } = await run.catch((error: { stdout: string; stderr: string }) => ({
    stdout: `${error.stdout}\n${error.stderr}`,
  }))
  expect(stdout).toMatch(/Tests\D+\d+ passed \(\d+\)/)
  expect(stdout).not.toContain('failed')
})
