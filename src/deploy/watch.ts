/**
 * Deploys, and deploys again whenever a template, a definition or a function's code changes. Changes that come together are one
 * deployment; a deployment that fails is told, and what it had read until then is watched.
 */
import { resolve } from 'node:path'

import { type Clock, systemClock } from '../base/clock.ts'

import { type AppOptions, deployApp } from './app.ts'
import type { DeployedStack } from './deploy.ts'
import { FolderWatch } from './folder-watch.ts'
import { TemplateError } from './problem.ts'

export interface WatchOptions extends AppOptions {
  readonly onDeployed: (stacks: readonly DeployedStack[]) => void
  readonly onError: (error: unknown) => void
  /** Editors write a file in several steps. */
  readonly settleMs?: number
  readonly clock?: Clock
}

export interface Watch {
  /** Ends the watch; resolves when no deployment is under way. */
  close(): Promise<void>
}

export function watch(templates: readonly string[], options: WatchOptions): Watch {
  const { settleMs = 200, clock = systemClock, excluded = [] } = options
  const folders = new FolderWatch({ excluded, onChange, onError: options.onError })
  const paths = templates.map((template) => resolve(template))
  /** What the last good deployment read: a broken one reads less. */
  let sources: readonly string[] = paths
  let alarm: { cancel(): void } | undefined
  let isClosed = false
  let running = run()

  function onChange(): void {
    if (isClosed) return
    alarm?.cancel()
    alarm = clock.after(settleMs, () => {
      running = running.then(run)
    })
  }

  async function run(): Promise<void> {
    if (isClosed) return
    const since = clock.now()
    try {
      const stacks = await deployApp(templates, options)
      sources = stacks.flatMap((stack) => stack.sources)
      await follow(sources, since)
      options.onDeployed(stacks)
    } catch (error) {
      await follow([...paths, ...sources, ...(error instanceof TemplateError ? error.sources : [])], since)
      options.onError(error)
    }
  }

  /** What was written while it was deployed may not have been read. */
  const follow = (wanted: readonly string[], since: number): Promise<void> => folders.follow([...new Set(wanted)], since)

  return {
    async close() {
      isClosed = true
      alarm?.cancel()
      folders.close()
      await running
    },
  }
}
