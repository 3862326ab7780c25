/**
 * Tools that are not npm packages. A test whose tool is missing is skipped with the reason in its name; where CI is set it
 * fails instead, so that nothing goes untested unnoticed.
 */
import { execFile, execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
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

const told = (command: string, ...args: readonly string[]) => execFileSync(command, args, { encoding: 'utf8' })

/** A group of tests that need the AWS CLI. */
export function describeWithAwsCli(name: string, body: () => void): void {
  if (AWS !== undefined) describe(name, body)
  else if (process.env['CI'])
    test(`${name}: needs the AWS CLI`, () => Promise.reject(new Error('the AWS CLI is not installed (npm run setup:system)')))
  else test.skip(`${name} (skipped: the AWS CLI is not installed; npm run setup:system)`, () => {})
}

/**
 * A group of tests of commands that call a second service, which finds a server by AWS_ENDPOINT_URL alone. Debian's AWS CLI may be
 * too old for it: CI does without them there.
 */
export function describeWithEndpointVariable(name: string, body: () => void): void {
  const [, major, minor] = /^aws-cli\/(\d+)\.(\d+)/.exec(AWS === undefined ? '' : told(AWS, '--version')) ?? []
  const isOld = Number(minor) < (major === '1' ? 29 : 13)
  if (AWS !== undefined && isOld) test.skip(`${name} (not here: an AWS CLI that reads AWS_ENDPOINT_URL)`, () => {})
  else describeWithAwsCli(name, body)
}

/** Runs `aws …` against an endpoint; resolves to the parsed JSON, or the text where it is none. Rejects with its error text. */
export async function aws(endpoint: string, ...args: readonly string[]): Promise<unknown> {
  // The flag for Debian's version, which is older than the variable; the variable for commands that call a second service.
  const env = { ...awsEnv(), AWS_ENDPOINT_URL: endpoint }
  const options = { env, cwd: ROOT, maxBuffer: 64 * 1024 * 1024, timeout: 300_000 }
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

/** Where providers lie that Terraform may not download: `HOST/NAMESPACE/TYPE/VERSION/PLATFORM/`. */
export const TERRAFORM_MIRROR = '/opt/tf-plugins'

/** A group of tests that need Terraform and the provider of AWS, which Debian does not have: where they are not, CI does without. */
export function describeWithTerraform(name: string, body: () => void): void {
  const has = {
    Terraform: works('terraform', 'version'),
    'the provider hashicorp/aws': existsSync(join(TERRAFORM_MIRROR, 'registry.terraform.io/hashicorp/aws')),
  }
  const missing = Object.entries(has).flatMap(([tool, isThere]) => (isThere ? [] : [tool]))
  if (missing.length === 0) describe(name, body)
  else test.skip(`${name} (not here: ${missing.join(' and ')})`, () => {})
}
