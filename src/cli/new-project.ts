/**
 * The files of a project that `regente init` writes: those of an example, and what is the same for all (`packaging/project`). Nothing is
 * written here.
 */
import { readdir, readFile } from 'node:fs/promises'
import { basename, join, resolve, sep } from 'node:path'

import { getOwn, isObject } from '../base/json.ts'

import { parseTemplate, type Template } from '../cloudformation/template/template.ts'
import { stateMachinesIn } from '../cloudformation/template/state-machines.ts'

import { CliError } from './cli-error.ts'

/** Of this package: the same from `src` and from `dist`. */
export const PACKAGE = join(import.meta.dirname, '../..')
const EXAMPLES = join(PACKAGE, 'examples')
const SKELETON = join(PACKAGE, 'packaging/project')
const WORKFLOW = join(PACKAGE, 'packaging/github-actions.yml')

export interface ProjectTemplate {
  readonly name: string
  readonly title: string
  readonly description: string
  /** Of the state machine that its input is for. */
  readonly machine: string
}

export interface ProjectFile {
  /** Within the project, with `/`. */
  readonly path: string
  readonly content: Buffer | string
}

/** By name. */
export async function listTemplates(): Promise<readonly ProjectTemplate[]> {
  const entries = await readdir(EXAMPLES, { withFileTypes: true })
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  return await Promise.all(names.toSorted().map(readProjectTemplate))
}

/** Rejects with CliError. */
export async function findTemplateNamed(wanted: string): Promise<ProjectTemplate> {
  const all = await listTemplates()
  const found = all.find(({ name }) => name === wanted)
  if (found !== undefined) return found
  throw new CliError(`There is no template ${wanted}. There are ${all.map(({ name }) => name).join(', ')} (regente init --list).`)
}

/** For the folder `target`, by which the project is named. */
export async function filesOfProject(template: ProjectTemplate, target: string): Promise<readonly ProjectFile[]> {
  const { name, title, description, machine } = template
  const own = await readManifest()
  const tarball = `regente-${own.version}.tgz`
  const filled = (text: string): string => {
    const values: Readonly<Record<string, string>> = { title, description, machine, package: tarball }
    return text.replaceAll(/\{\{(\w+)\}\}/g, (_, word: string) => values[word] ?? '')
  }
  const skeleton = await filesBelow(SKELETON)
  const workflow = (await readFile(WORKFLOW, 'utf8')).replace(/^(?:#.*\n)+/, '')
  return [
    ...(await filesBelow(join(EXAMPLES, name))).filter(({ path }) => path !== 'README.md'),
    // npm leaves out of a package what is called .gitignore.
    ...skeleton.map(({ path, content }) => ({
      path: path.replace(/^gitignore$/, '.gitignore'),
      content: filled(String(content)),
    })),
    { path: '.github/workflows/workflows.yml', content: workflow },
    { path: 'package.json', content: `${JSON.stringify(manifestOf(target, tarball, own.vitest), null, 2)}\n` },
  ].toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

const manifestOf = (target: string, tarball: string, vitest: string) => ({
  name:
    basename(resolve(target))
      .toLowerCase()
      .replaceAll(/[^a-z0-9-]+/g, '-')
      .replaceAll(/^-+|-+$/g, '') || 'workflows',
  version: '0.1.0',
  private: true,
  type: 'module',
  engines: { node: '>=22.18' },
  scripts: { start: 'regente dev .', test: 'vitest run && regente test .', deploy: 'sam deploy --guided' },
  devDependencies: { regente: `file:vendor/${tarball}`, vitest: `^${vitest}` },
})

/** Our own version, and that of vitest with which the examples are tested. */
async function readManifest(): Promise<{ readonly version: string; readonly vitest: string }> {
  const manifest: unknown = JSON.parse(await readFile(join(PACKAGE, 'package.json'), 'utf8'))
  const own = isObject(manifest) ? manifest : {}
  const tools = getOwn(own, 'devDependencies')
  return { version: String(getOwn(own, 'version')), vitest: String(isObject(tools) ? getOwn(tools, 'vitest') : '*') }
}

async function readProjectTemplate(name: string): Promise<ProjectTemplate> {
  const file = join(EXAMPLES, name, 'template.yaml')
  const template = parseTemplate(await readFile(file, 'utf8'), file)
  return { name, title: titleOf(template) ?? name, description: template.description ?? '', machine: machineOf(template) }
}

function titleOf({ metadata }: Template): string | undefined {
  const own = getOwn(metadata, 'Regente')
  const titles = isObject(own) ? getOwn(own, 'Title') : undefined
  const title = isObject(titles) ? getOwn(titles, 'en') : undefined
  return typeof title === 'string' ? title : undefined
}

function machineOf(template: Template): string {
  const machines = stateMachinesIn(template)
  const main = machines.find(({ properties }) => getOwn(properties, 'DefinitionUri') === 'statemachine.asl.json') ?? machines[0]
  return String((main && getOwn(main.properties, 'Name')) ?? main?.id ?? '')
}

async function filesBelow(folder: string): Promise<readonly ProjectFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async ({ parentPath, name }) => {
        const path = join(parentPath, name)
        return { path: path.slice(folder.length + 1).replaceAll(sep, '/'), content: await readFile(path) }
      }),
  )
}
