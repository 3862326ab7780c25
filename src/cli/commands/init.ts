/** `regente init [DIR]`: writes a project with a workflow, its functions, its tests, and a GitHub Actions workflow that runs them. */
import { existsSync } from 'node:fs'
import { mkdir, stat, writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'

import { CliError, EXIT } from '../cli-error.ts'
import { reasonOf } from '../definition-file.ts'
import {
  filesOfProject,
  findTemplateNamed,
  listTemplates,
  PACKAGE,
  type ProjectFile,
  type ProjectTemplate,
} from '../new-project.ts'

export interface InitFlags {
  readonly template: string
  readonly list?: boolean
  readonly force?: boolean
}

/** What is there stays: where a file of the project is, nothing is written, unless `--force` says so. Throws CliError. */
export async function init(folder: string, { template, list, force }: InitFlags): Promise<number> {
  if (list === true) {
    const templates = await listTemplates()
    const width = Math.max(...templates.map(({ name }) => name.length))
    for (const { name, description } of templates) process.stdout.write(`${name.padEnd(width)}  ${description}\n`)
    return EXIT.ok
  }
  const chosen = await findTemplateNamed(template)
  const files = await filesOfProject(chosen, folder)
  if ((await stat(folder).catch(() => undefined))?.isFile() === true) throw new CliError(`${folder} is a file. Name a folder.`)
  if (force !== true) refuseWhatIsThere(folder, files)
  await write(folder, files)
  process.stdout.write(whatNext(folder, chosen, files))
  return EXIT.ok
}

function refuseWhatIsThere(folder: string, files: readonly ProjectFile[]): void {
  const there = files.map(({ path }) => path).filter((path) => existsSync(join(folder, path)))
  if (there.length === 0) return
  const shown = there.length > 5 ? `${there.slice(0, 5).join(', ')} and ${there.length - 5} more` : there.join(', ')
  throw new CliError(
    `${resolve(folder)} has ${shown} already, and nothing was written. Name another folder (regente init DIR), or replace them with --force.`,
  )
}

async function write(folder: string, files: readonly ProjectFile[]): Promise<void> {
  for (const { path, content } of files) {
    const file = join(folder, path)
    try {
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, content)
    } catch (error) {
      throw new CliError(`${file} cannot be written: ${reasonOf(error)}`, EXIT.failed)
    }
  }
}

function whatNext(folder: string, { title, name, machine }: ProjectTemplate, files: readonly ProjectFile[]): string {
  const target = resolve(folder)
  const within = relative(process.cwd(), target)
  const place = within.startsWith('..') ? target : within
  // A package that is installed has nothing that could build it.
  const pack = existsSync(join(PACKAGE, 'scripts/build.mjs')) ? '' : ' --ignore-scripts'
  const steps: readonly (readonly [command: string, why: string])[] = [
    ...(place === '' ? [] : [[`cd ${quoted(place)}`, ''] as const]),
    [`npm pack ${quoted(PACKAGE)} --pack-destination vendor${pack}`, 'Regente itself, which is in no registry'],
    ['npm install', ''],
    ['npm test', `${name}.test.ts, *.workflow-test.yaml`],
    ['npm start', 'a server with all of it, deployed again at each change: http://127.0.0.1:4566'],
    [`npx --no-install regente start-execution ${machine} --input @input.json --wait`, 'in another terminal'],
    ['npm run deploy', 'to AWS, by the SAM command line'],
  ]
  const lines = steps.flatMap(([command, why]) => [...(why === '' ? [] : [`  # ${why}`]), `  ${command}`])
  const where = place === '' ? 'this folder' : place
  return `${title}: ${files.length} files are written to ${where}. What next:\n\n${lines.join('\n')}\n`
}

const quoted = (path: string): string => (/^[\w@./:\\-]+$/.test(path) ? path : `"${path}"`)
