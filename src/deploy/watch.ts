/**
 * Deploys, and deploys again whenever the template, a definition or a function's code changes. Changes that come together
 * are one deployment; a deployment that fails is told and the watch goes on.
 */
import { type FSWatcher, watch as watchPath } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'

import { type Clock, systemClock } from '../base/clock.ts'

import { deploy, type DeployedStack, type DeployOptions } from './deploy.ts'

export interface WatchOptions extends DeployOptions {
  readonly onDeployed: (stack: DeployedStack) => void
  readonly onError: (error: unknown) => void
  /** Editors write a file in several steps. */
  readonly settleMs?: number
  readonly clock?: Clock
}

export interface Watch {
  /** Ends the watch; resolves when no deployment is under way. */
  close(): Promise<void>
}

export function watch(templatePath: string, options: WatchOptions): Watch {
  const { settleMs = 200, clock = systemClock } = options
  const watchers = new Map<string, FSWatcher>()
  let running: Promise<void> = Promise.resolve()
  let alarm: { cancel(): void } | undefined
  let isClosed = false

  const onChange = (): void => {
    if (isClosed) return
    alarm?.cancel()
    alarm = clock.after(settleMs, () => {
      running = running.then(run)
    })
  }
  const run = async (): Promise<void> => {
    if (isClosed) return
    try {
      const stack = await deploy(templatePath, options)
      await follow(stack.sources)
      options.onDeployed(stack)
    } catch (error) {
      await follow([resolve(templatePath)])
      options.onError(error)
    }
  }
  /** What cannot be watched (the system has no watches left) is told; the rest is. */
  const follow = async (paths: readonly string[]): Promise<void> => {
    for (const path of paths) {
      if (isClosed || watchers.has(path)) continue
      try {
        const watcher = await watchOne(path, onChange)
        if (watcher !== undefined) watchers.set(path, watcher)
      } catch (error) {
        options.onError(error)
      }
    }
  }
  running = run()
  return {
    async close() {
      isClosed = true
      alarm?.cancel()
      for (const watcher of watchers.values()) watcher.close()
      await running
    },
  }
}

/** A file is watched through its folder: editors replace files, and a watch on a replaced file is deaf. */
async function watchOne(path: string, onChange: () => void): Promise<FSWatcher | undefined> {
  const status = await stat(path).catch(() => undefined)
  if (status === undefined) return undefined
  const isFolder = status.isDirectory()
  const name = basename(path)
  const watcher = watchPath(isFolder ? path : dirname(path), { recursive: isFolder }, (_, changed) => {
    if (isFolder || changed === null || changed === name) onChange()
  })
  watcher.on('error', () => watcher.close())
  return watcher
}
