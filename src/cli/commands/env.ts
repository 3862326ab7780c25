/**
 * `regente env`: the variables with which a shell's AWS tools call a server by HTTPS and trust it, to be read by that shell. The
 * authority is asked of the server and written to a file here: the server may run on another machine, or in a container.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

import { CliError, EXIT } from '../cli-error.ts'
import { reasonOf } from '../definition-file.ts'
import { defaultEndpoint, targetAt } from '../target.ts'

export interface EnvFlags {
  readonly endpoint?: string
  readonly output: string
}

export async function env({ endpoint = defaultEndpoint(), output }: EnvFlags): Promise<number> {
  const file = resolve(output)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, await authorityOf(new URL('/_regente/ca.pem', targetAt(endpoint).endpoint)))
  const variables = {
    AWS_ENDPOINT_URL: `https://${new URL(endpoint).host}`,
    AWS_CA_BUNDLE: file,
    NODE_EXTRA_CA_CERTS: file,
  }
  for (const [name, value] of Object.entries(variables)) process.stdout.write(`export ${name}=${quoted(value)}\n`)
  return EXIT.ok
}

async function authorityOf(url: URL): Promise<string> {
  const response = await fetch(url).catch((error: unknown) => {
    throw new CliError(`No server answers at ${url.origin}: ${reasonOf(error)}`, EXIT.failed)
  })
  const text = await response.text()
  if (response.ok && text.startsWith('-----BEGIN CERTIFICATE-----')) return text
  throw new CliError(`${url.origin} has no authority for HTTPS: it answered ${response.status}.`, EXIT.failed)
}

/** For a shell: within single quotes nothing means anything but a single quote. */
const quoted = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`)
