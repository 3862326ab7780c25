/** Regente's own processes: the nodes, and the embedded services in a process of theirs. */
import { join } from 'node:path'

import type { Running, Workspace } from './workspace.ts'

import { HOST, until } from './workspace.ts'

const REGENTE = join(import.meta.dirname, '../../../bin/regente.js')
const START_MS = 60_000

export interface NodeSettings {
  readonly name: string
  readonly port: number
  /** Where the other nodes reach it; where everybody does without it. */
  readonly peerUrl?: string
  readonly flags: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** One node, through all its lives: they have the same port. */
export class RegenteNode {
  readonly name: string
  readonly url: string
  readonly peerUrl: string
  readonly #place: Workspace
  readonly #settings: NodeSettings
  #running: Running | undefined

  constructor(place: Workspace, settings: NodeSettings) {
    this.#place = place
    this.#settings = settings
    this.name = settings.name
    this.url = `http://${HOST}:${settings.port}`
    this.peerUrl = settings.peerUrl ?? this.url
  }

  /** Resolves when it takes requests. */
  async start(): Promise<void> {
    const { name, port, flags, env } = this.#settings
    this.#running = startRegente(this.#place, name, ['start', '--port', String(port), ...flags], env)
    await this.#running.line(/^regente ready on /)
  }

  /** SIGKILL: nothing is tidied up. */
  async kill(): Promise<void> {
    this.#running?.signal('SIGKILL')
    await this.#running?.ended
  }

  /** SIGTERM. Resolves to how long it took, in milliseconds. */
  async stop(): Promise<number> {
    const begun = Date.now()
    this.#running?.signal('SIGTERM')
    await this.#running?.ended
    return Date.now() - begun
  }

  pause(): void {
    this.#running?.signal('SIGSTOP')
  }

  resume(): void {
    this.#running?.signal('SIGCONT')
  }

  get isRunning(): boolean {
    return this.#running?.hasEnded === false
  }

  /** As a load balancer asks: it takes part, and reaches its store. */
  async isReady(): Promise<boolean> {
    const path = this.#settings.flags.includes('--store') ? 'ready' : 'health'
    try {
      const { status } = await fetch(`${this.url}/_regente/${path}`, { signal: AbortSignal.timeout(1_000) })
      return status === 200
    } catch {
      return false
    }
  }

  ready(withinMs = START_MS): Promise<void> {
    return until(`${this.name} is ready`, withinMs, () => this.isReady())
  }
}

/** `regente services`. */
export async function startServices(
  place: Workspace,
  port: number,
): Promise<{ readonly url: string; readonly flags: readonly string[] }> {
  const data = place.makeFolder('services')
  const running = startRegente(place, 'services', ['services', '--port', String(port), '--data', data], {})
  await running.line(/^regente services ready on /)
  const url = `http://${HOST}:${port}`
  return { url, flags: ['--services-url', url, '--services-key', join(data, 'services.key')] }
}

const startRegente = (place: Workspace, name: string, args: readonly string[], env: Readonly<Record<string, string>>) =>
  place.start(name, process.execPath, [REGENTE, ...args], { env })
