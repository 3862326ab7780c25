/** The input of an execution as it is given: JSON text, or `@file`, or `-` for standard input. */
import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'

import { withoutMark } from '../source/source.ts'

import { CliError } from './cli-error.ts'
import { reasonOf } from './definition-file.ts'

/** Checked JSON text. Throws CliError. */
export async function readInput(given: string): Promise<string> {
  const [source, content] = await read(given)
  try {
    JSON.parse(content)
  } catch (error) {
    throw new CliError(`${source} is not JSON: ${reasonOf(error)}`)
  }
  return content
}

async function read(given: string): Promise<[source: string, content: string]> {
  if (given === '-') return ['Standard input', await text(process.stdin)]
  if (!given.startsWith('@')) return ['--input', given]
  const path = given.slice(1)
  const content = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new CliError(`${path} cannot be read: ${reasonOf(error)}`)
  })
  return [path, withoutMark(content)]
}
