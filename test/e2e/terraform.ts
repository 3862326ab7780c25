/** Terraform, unmodified, on a copy of a module, against a server. */
import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { afterAll, beforeAll } from 'vitest'

import { cleanEnv, credentials } from './server.ts'
import { TERRAFORM_MIRROR } from './tools.ts'

const SETTINGS = `provider_installation {
  filesystem_mirror {
    path = "${TERRAFORM_MIRROR}"
  }
}
disable_checkpoint = true
`

export interface Terraform {
  /** The copy of the module. */
  readonly folder: string
  /** Rejects with what it told where it fails. */
  run(...args: readonly string[]): Promise<string>
  /** Fails where there is something to do. */
  plan(...variables: readonly string[]): Promise<string>
  apply(...variables: readonly string[]): Promise<string>
  outputs(): Promise<Readonly<Record<string, string>>>
}

/** For all tests of a group. `module`: the folder of the module. */
export function useTerraform(module: string, server: { readonly url: string }): Terraform {
  const folder = mkdtempSync(join(tmpdir(), 'regente-terraform-'))
  beforeAll(() => {
    cpSync(module, folder, { recursive: true })
    writeFileSync(join(folder, 'settings.tfrc'), SETTINGS)
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  async function run(...args: readonly string[]): Promise<string> {
    const env = {
      ...cleanEnv(),
      TF_CLI_CONFIG_FILE: join(folder, 'settings.tfrc'),
      AWS_ENDPOINT_URL: server.url,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    }
    const options = { env, cwd: folder, maxBuffer: 64 * 1024 * 1024, timeout: 400_000 }
    const called = promisify(execFile)('terraform', args, options)
    const { stdout, stderr } = await called.catch((error: { stdout: string; stderr: string }) => {
      throw new Error(`terraform ${args.join(' ')}\n${error.stdout}\n${error.stderr}`)
    })
    return stdout + stderr
  }
  return {
    folder,
    run,
    plan: (...variables) => run('plan', '-input=false', '-no-color', '-detailed-exitcode', ...variables),
    apply: (...variables) => run('apply', '-input=false', '-no-color', '-auto-approve', ...variables),
    async outputs() {
      const all = JSON.parse(await run('output', '-json')) as Record<string, { value: string }>
      return Object.fromEntries(Object.entries(all).map(([name, { value }]) => [name, value]))
    },
  }
}
