/** One execution as it is kept in files: read, written, and what of a state is compared. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import type { Json } from '../../src/base/json.ts'
import { AWS_LIMITS } from '../../src/base/limits.ts'
import { Payload } from '../../src/base/payload.ts'
import type { Instant } from '../../src/base/time.ts'

import { compileDefinition } from '../../src/asl/compile.ts'
import type { Command } from '../../src/engine/command.ts'
import { type EngineEvent, PAYLOAD_MEMBERS } from '../../src/engine/event.ts'
import type { Signal } from '../../src/engine/signal.ts'
import { type ExecutionIdentity, type ExecutionState, newExecutionState } from '../../src/engine/state.ts'
import { pendingCommands } from '../../src/engine/step.ts'
import { patchOf } from '../../src/runtime/activation.ts'

export const LOGS = join(import.meta.dirname, 'logs')

/** What is compared after a turn: the execution's row, and what its state still asks for. */
export interface Expected {
  /** Events of the turn. */
  readonly events: number
  readonly row: Json
  readonly asks: readonly Json[]
}

export interface Recorded {
  readonly definition: string
  readonly identity: ExecutionIdentity
  readonly input: string
  readonly startAt: Instant
  readonly signals: readonly Signal[]
  readonly log: readonly EngineEvent[]
  readonly expected: readonly Expected[]
}

/** The state before the first event. */
export function emptyState({
  definition,
  identity,
  input,
  startAt,
}: Omit<Recorded, 'signals' | 'log' | 'expected'>): ExecutionState {
  const compiled = compileDefinition(definition)
  if (!compiled.ok) throw new Error(`the definition does not compile: ${JSON.stringify(compiled.error)}`)
  return newExecutionState(compiled.value, identity, Payload.ofText(input), startAt)
}

/** What a state says outwards. */
export function tellOf(state: ExecutionState): Omit<Expected, 'events'> {
  const asked = pendingCommands(state, state.lastAt, '0'.repeat(32), AWS_LIMITS).map(askOf)
  return { row: plain(patchOf(state)), asks: asked.map(plain) }
}

/** Of a Map Run its name alone: what it is made of is not the execution's to keep. */
function askOf(command: Command): object {
  if (!('mapRunArn' in command)) return command
  const { type, mapRunArn } = command
  return { type, mapRunArn }
}

/** As it reads in a file: payloads as their text, nothing that is undefined. */
const plain = (value: object): Json =>
  JSON.parse(JSON.stringify(value, (_, member) => (member instanceof Payload ? member.text : member))) as Json

const lines = (values: readonly object[]): string => values.map((value) => `${JSON.stringify(plain(value))}\n`).join('')

/** Folders of all recorded executions, `<version>/<case>`. */
export const recordedFolders = (): readonly string[] =>
  readdirSync(LOGS, { withFileTypes: true })
    .filter((version) => version.isDirectory())
    .flatMap(({ name }) => readdirSync(join(LOGS, name)).map((folder) => `${name}/${folder}`))

export function writeRecorded(folder: string, recorded: Recorded): void {
  const { definition, identity, input, startAt, signals, log, expected } = recorded
  const path = join(LOGS, folder)
  mkdirSync(path, { recursive: true })
  const write = (name: string, text: string) => writeFileSync(join(path, name), text)
  write('definition.asl.json', `${JSON.stringify(JSON.parse(definition), undefined, 2)}\n`)
  write('execution.json', `${JSON.stringify({ identity, input, startAt }, undefined, 2)}\n`)
  write('signals.jsonl', lines(signals))
  write('log.jsonl', lines(log))
  write('expected.jsonl', lines(expected))
}

export function readRecorded(folder: string): Recorded {
  const read = (name: string) => readFileSync(join(LOGS, folder, name), 'utf8')
  const rows = (name: string) => read(name).split('\n').filter(Boolean).map(withPayloads)
  const execution = JSON.parse(read('execution.json')) as Pick<Recorded, 'identity' | 'input' | 'startAt'>
  return {
    ...execution,
    definition: read('definition.asl.json'),
    signals: rows('signals.jsonl') as Signal[],
    log: rows('log.jsonl') as EngineEvent[],
    expected: read('expected.jsonl')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Expected),
  }
}

function withPayloads(line: string): unknown {
  const row = JSON.parse(line) as Record<string, unknown>
  for (const member of PAYLOAD_MEMBERS) {
    const text = row[member]
    if (typeof text === 'string') row[member] = Payload.ofText(text)
  }
  return row
}
