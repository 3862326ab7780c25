/** The reporters that a command line asks for: `terminal`, `junit=FILE`. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

import { CliError } from '../cli-error.ts'
import { githubReporter } from './github.ts'
import { jsonReporter } from './json.ts'
import { junitReporter } from './junit.ts'
import type { Reporter, Write } from './report.ts'
import { terminalReporter } from './terminal.ts'

const KINDS = ['terminal', 'junit', 'github', 'json'] as const
type Kind = (typeof KINDS)[number]

interface Asked {
  readonly kind: Kind
  readonly file: string | undefined
}

/** Without any, the terminal's; on GitHub's machines annotations too. Throws CliError. */
export function reportersOf(given: readonly string[], env: Readonly<Record<string, string | undefined>>): readonly Reporter[] {
  const byDefault = env['GITHUB_ACTIONS'] === 'true' ? ['terminal', 'github'] : ['terminal']
  const asked = (given.length > 0 ? given : byDefault).map(parse)
  const onOutput = asked.filter(({ kind, file }) => file === undefined && (kind === 'junit' || kind === 'json'))
  if (onOutput.length > 0 && asked.some((one) => one.file === undefined && one !== onOutput[0]))
    throw new CliError(
      `${onOutput[0]?.kind} needs standard output for itself. Send it to a file: --reporter ${onOutput[0]?.kind}=FILE`,
    )
  return asked.map(make)
}

/** Files that reporters write. */
export const filesOf = (given: readonly string[]): readonly string[] =>
  given.flatMap((text) => {
    const { file } = parse(text)
    return file === undefined ? [] : [file]
  })

function parse(text: string): Asked {
  const [name = '', ...rest] = text.split('=')
  const kind = KINDS.find((one) => one === name)
  if (kind === undefined) throw new CliError(`--reporter must be ${KINDS.join(', ')}, and =FILE after it, not ${text}.`)
  const file = rest.length > 0 ? rest.join('=') : undefined
  if (file === '') throw new CliError(`--reporter ${text} names no file.`)
  return { kind, file }
}

function make({ kind, file }: Asked): Reporter {
  const write: Write = file === undefined ? (text) => void process.stdout.write(text) : (text) => writeTo(file, text)
  switch (kind) {
    case 'terminal':
      return file === undefined ? terminalReporter(process.stdout) : toFile(file)
    case 'junit':
      return junitReporter(write)
    case 'github':
      return githubReporter(write)
    case 'json':
      return jsonReporter(write)
  }
}

/** What the terminal would show, without colours. */
function toFile(file: string): Reporter {
  let text = ''
  const inner = terminalReporter({ write: (more) => (text += more) })
  return {
    ...inner,
    async end(results, durationMs) {
      await inner.end(results, durationMs)
      await writeTo(file, text)
      text = ''
    },
  }
}

async function writeTo(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
}
