/**
 * Tools that are not npm packages. A test whose tool is missing is skipped with the reason in its name; where CI is set it
 * fails instead, so that nothing goes untested unnoticed.
 */
import { execFile, execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'

import { describe, test } from 'vitest'

import { cleanEnv, credentials, REGION, ROOT } from './server.ts'

const AWS = ['/usr/bin/aws', 'aws'].find((path) => (path.startsWith('/') ? existsSync(path) : true) && works(path, '--version'))

function works(command: string, ...args: readonly string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore', timeout: 30_000 })
    return true
  } catch {
    return false
  }
}

/** A group of tests that need the AWS CLI. */
export function describeWithAwsCli(name: string, body: () => void): void {
  if (AWS !== undefined) describe(name, body)
  else if (process.env['CI'])
    test(`${name}: needs the AWS CLI`, () => Promise.reject(new Error('the AWS CLI is not installed (npm run setup:system)')))
  else test.skip(`${name} (skipped: the AWS CLI is not installed; npm run setup:system)`, () => {})
}

/** Runs `aws …` against an endpoint; resolves to the parsed JSON, or the text where it is none. Rejects with its error text. */
export async function aws(endpoint: string, ...args: readonly string[]): Promise<unknown> {
  const options = { env: awsEnv(), cwd: ROOT, maxBuffer: 64 * 1024 * 1024, timeout: 60_000 }
  // The flag, not the variable: Debian's version is older than AWS_ENDPOINT_URL.
  const { stdout } = await promisify(execFile)(AWS ?? 'aws', ['--endpoint-url', endpoint, '--output', 'json', ...args], options)
  try {
    return JSON.parse(stdout)
  } catch {
    return stdout
  }
}

/** Runs shell commands in which `aws` speaks to an endpoint, up to the first that fails; then it rejects with what was told. */
export async function awsShell(endpoint: string, commands: string): Promise<void> {
  const env = { ...awsEnv(), AWS: AWS ?? 'aws', ENDPOINT: endpoint, AWS_ENDPOINT_URL: endpoint }
  const script = `aws() { command "$AWS" --endpoint-url "$ENDPOINT" "$@"; }\nset -e\n${commands}`
  await promisify(execFile)('sh', ['-c', script], { env, cwd: ROOT })
}

const awsEnv = (): Record<string, string> => ({
  ...cleanEnv(),
  AWS_ACCESS_KEY_ID: credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  AWS_DEFAULT_REGION: REGION,
  AWS_PAGER: '',
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
})

/** The Python that has boto3. */
export const python = ['/usr/bin/python3', 'python3'].find((path) => works(path, '-c', 'import boto3')) ?? 'python3'

/** One test that needs boto3. */
export function testWithBoto3(name: string, body: () => Promise<void>): void {
  if (works(python, '-c', 'import boto3')) test(name, body, 90_000)
  else if (process.env['CI'])
    test(`${name}: needs boto3`, () => Promise.reject(new Error('boto3 is not installed (npm run setup:system)')))
  else test.skip(`${name} (skipped: boto3 is not installed; npm run setup:system)`, () => {})
}
