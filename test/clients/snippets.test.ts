/** The snippets of docs/clients.md, run as they stand; only the port is the test's. */
import { execFile } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

import { cleanEnv, ROOT } from '../e2e/server.ts'
import { describeWithAwsCli, python, testWithBoto3 } from '../e2e/tools.ts'
import { useServer } from '../e2e/use-server.ts'

const run = promisify(execFile)
const text = readFileSync(join(ROOT, 'docs/clients.md'), 'utf8')

const server = useServer()

function snippet(language: string): string {
  const code = new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(text)?.[1]
  if (code === undefined) throw new Error(`docs/clients.md has no ${language}`)
  return code.replaceAll('http://127.0.0.1:4566', server.url)
}

describeWithAwsCli('sh', () => {
  test('the AWS CLI', async () => {
    const { stdout } = await run('sh', ['-ec', snippet('sh')], { env: cleanEnv() })
    expect(stdout).toContain('execution:hello-cli:')
  }, 60_000)
})

test('JavaScript', async () => {
  // Beside node_modules, where a user's program would stand.
  const file = join(ROOT, `test/clients/.snippet-${process.pid}.mjs`)
  writeFileSync(file, snippet('js'))
  try {
    const { stdout } = await run(process.execPath, [file], { env: cleanEnv() })
    expect(stdout).toBe('"hello"\n')
  } finally {
    rmSync(file)
  }
}, 60_000)

testWithBoto3('Python', async () => {
  const { stdout } = await run(python, ['-c', snippet('python')], { env: cleanEnv() })
  expect(stdout).toBe('"hello"\n')
})
