/**
 * Deploys, and deploys again whenever a template, a definition or a function's code changes, or what templates are made of.
 * Changes that come together are one deployment; a deployment that fails is told, and what it had read until then is watched.
 *
 * 1. Where nothing but the code of functions has changed since a good deployment, they get it, and nothing else is asked after.
 * 2. Where nothing has changed that a project's templates are made of, they are not made anew.
 */
import { resolve, sep } from 'node:path'

import { type Clock, systemClock } from '../base/clock.ts'

import { type AppOptions, deployApp, type StackTemplate } from './app.ts'
import { openAws } from '../cloudformation/aws.ts'
import type { DeployedStack } from './deploy.ts'
import { FolderWatch } from './folder-watch.ts'
import { type FunctionCode, sendCode } from './function-code.ts'
import { TemplateError } from '../cloudformation/problem.ts'
import type { Project } from './project.ts'

export interface WatchOptions extends AppOptions {
  readonly onDeployed: (stacks: readonly DeployedStack[]) => void
  /** Functions that run other code from now on. */
  readonly onReloaded?: (functionNames: readonly string[]) => void
  readonly onMaking?: (project: Project) => void
  readonly onError: (error: unknown) => void
  /** Editors write a file in several steps. */
  readonly settleMs?: number
  /** The same, of a function's code. */
  readonly codeSettleMs?: number
  readonly clock?: Clock
}

export interface Watch {
  /** Ends the watch; resolves when no deployment is under way. */
  close(): Promise<void>
}

/** All that a deployment has made of a project, until its sources change. */
interface Made {
  readonly project: Project
  templates: readonly StackTemplate[] | undefined
}

export function watch(projects: readonly Project[], options: WatchOptions): Watch {
  const { settleMs = 200, codeSettleMs = 50, clock = systemClock, excluded = [] } = options
  const folders = new FolderWatch({ excluded, onChange, onError: options.onError })
  const made: readonly Made[] = projects.map((project) => ({ project, templates: undefined }))
  const over = new AbortController()
  /** What the last good deployment read: a broken one reads less. */
  let sources: readonly string[] = []
  /** What is watched besides the folders of projects. */
  let read: readonly string[] = []
  /** Undefined where the last deployment failed. */
  let stacks: readonly DeployedStack[] | undefined
  const changed = new Set<string>()
  let alarm: { cancel(): void } | undefined
  let running = run()

  function onChange(path: string): void {
    if (over.signal.aborted || projects.some((project) => project.isMade(path))) return
    // All that lies in the folder of a project is watched.
    if (!isRead(path) && !projects.some((project) => project.isSource(path))) return
    changed.add(path)
    alarm?.cancel()
    alarm = clock.after(codesOf([...changed]) === undefined ? settleMs : codeSettleMs, () => {
      running = running.then(run)
    })
  }

  const isRead = (path: string): boolean => read.some((source) => isWithin(path, source) || isWithin(source, path))

  const sourcesNow = (): readonly string[] => [
    ...made.flatMap(({ templates = [] }) => templates.map(({ file }) => resolve(file))),
    ...sources,
  ]

  async function run(): Promise<void> {
    const changes = [...changed]
    changed.clear()
    if (over.signal.aborted) return
    const since = clock.now()
    try {
      const codes = codesOf(changes)
      if (codes === undefined || !(await reload(codes))) await deployAgain(changes)
      await follow(sourcesNow(), since)
    } catch (error) {
      if (over.signal.aborted) return
      stacks = undefined
      await follow([...sourcesNow(), ...(error instanceof TemplateError ? error.sources : [])], since)
      options.onError(error)
    }
  }

  /** The functions whose code alone has changed; undefined where more has. */
  function codesOf(changes: readonly string[]): readonly FunctionCode[] | undefined {
    if (stacks === undefined || changes.length === 0) return undefined
    const codes = stacks.flatMap((stack) => stack.codes)
    const ofCode = new Set(codes.flatMap((code) => code.sources))
    const others = sources.filter((source) => !ofCode.has(source))
    const found = new Set<FunctionCode>()
    for (const path of changes) {
      const owners = codes.filter((code) => code.sources.some((source) => isWithin(path, source) && !holdsProject(source)))
      if (owners.length === 0 || others.some((source) => isWithin(path, source))) return undefined
      for (const owner of owners) found.add(owner)
    }
    return [...found]
  }

  /** Code of such a folder is what templates are made of, too. */
  const holdsProject = (source: string): boolean =>
    projects.some(({ folder }) => folder !== undefined && isWithin(folder, source))

  async function reload(codes: readonly FunctionCode[]): Promise<boolean> {
    const aws = openAws(options)
    const sent = await Promise.all(codes.map((code) => sendCode(code, aws)))
    if (sent.includes(false)) return false
    options.onReloaded?.(codes.map(({ functionName }) => functionName))
    return true
  }

  async function deployAgain(changes: readonly string[]): Promise<void> {
    for (const one of made) {
      const { project } = one
      if (one.templates !== undefined && !changes.some((path) => project.isSource(path))) continue
      one.templates = undefined
      if (project.folder !== undefined) options.onMaking?.(project)
      one.templates = await project.make(options, over.signal)
    }
    stacks = await deployApp(
      made.flatMap(({ templates = [] }) => templates),
      options,
    )
    sources = stacks.flatMap((stack) => stack.sources)
    options.onDeployed(stacks)
  }

  /** What was written while it was deployed may not have been read. What a project's tool makes is no news. */
  function follow(wanted: readonly string[], since: number): Promise<void> {
    const own = projects.flatMap(({ folder }) => folder ?? [])
    read = wanted.filter((path) => !projects.some((project) => project.isMade(path)))
    return folders.follow([...new Set([...own, ...read])], since)
  }

  return {
    async close() {
      over.abort()
      alarm?.cancel()
      folders.close()
      await running
    },
  }
}

const isWithin = (path: string, folder: string): boolean => path === folder || path.startsWith(folder + sep)
