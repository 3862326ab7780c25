/** State machines: create, update, describe, list, delete. Create is idempotent on everything but role and tags. */
import {
  type AliasArn,
  isAliasArn,
  isVersionArn,
  parseStatesArn,
  type StateMachineArn,
  stateMachineArn,
  type VersionArn,
} from '../base/arn.ts'
import { assert } from '../base/assert.ts'
import { type Breathe, inSlices } from '../base/breather.ts'
import { isArray, isObject, type Json, type JsonObject } from '../base/json.ts'
import { seededRandom } from '../base/random.ts'
import { isOfStacks } from '../base/stack-machines.ts'

import { checkSlices } from '../asl/check.ts'
import type { Diagnostic } from '../asl/diagnostic.ts'
import { labelOf } from '../asl/map-label.ts'
import { distributedConfig, processorField, visitMachine } from '../asl/walk.ts'
import { checkTaskParameters } from '../tasks/api-models/check-definition.ts'
import type { Page, RevisionRecord, StateMachineRecord, StateMachineSummary, VersionRecord } from '../store/contract.ts'

import type { Context, LogGroups } from './context.ts'
import type { ExecutionPort } from './execution-port.ts'
import { checkName, checkRoleArn } from './names.ts'
import { drawRoute, readRoutes } from './alias-routing.ts'
import { invalidArn, ServiceError, validation } from './service-error.ts'
import { checkTags } from './tags.ts'

export interface CreateStateMachine {
  readonly name: string
  readonly definition: string
  readonly roleArn: string
  readonly type?: 'STANDARD' | 'EXPRESS'
  readonly loggingConfiguration?: unknown
  readonly tracingConfiguration?: unknown
  readonly encryptionConfiguration?: unknown
  readonly publish?: boolean
  readonly versionDescription?: string
  readonly tags?: readonly { readonly key: string; readonly value: string }[]
}

export interface UpdateStateMachine {
  readonly stateMachineArn: string
  readonly definition?: string
  readonly roleArn?: string
  readonly loggingConfiguration?: unknown
  readonly tracingConfiguration?: unknown
  readonly encryptionConfiguration?: unknown
  readonly publish?: boolean
  readonly versionDescription?: string
}

/** What a machine's ARN names: the machine, and the revision, version and alias it is reached by. */
export interface Resolved {
  readonly machine: StateMachineRecord
  readonly revision: RevisionRecord
  readonly versionArn?: VersionArn
  readonly aliasArn?: AliasArn
  readonly version?: VersionRecord
}

/** A machine or a part of it as it is shown. */
export interface Described {
  readonly machine: Pick<StateMachineRecord, 'name'>
  readonly revision: RevisionRecord
  /** Names the Map state whose processor is shown instead of the whole. */
  readonly label: string | undefined
  readonly definition: string
  /** State name -> the variables it mentions. */
  readonly references: Readonly<Record<string, string[]>>
}

const DIAGNOSTICS_MAX = 1_000

const text = (value: unknown): string | undefined => (value === undefined ? undefined : JSON.stringify(value))

export const doesNotExist = (arn: string) =>
  new ServiceError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`)

const deleting = (arn: string) => new ServiceError('StateMachineDeleting', `State Machine is deleting: '${arn}'`)

/** The ARN names a Map state within a machine, where a machine is meant. */
export const labelled = (arn: string) => validation(`Invalid State Machine ARN: '${arn}'`, 'API_DOES_NOT_SUPPORT_LABELED_ARNS')

export function createStateMachines({ store, executionPort, clock, entropy, arnScope, tokens, logGroups, breathe }: Context) {
  const known = new Map<StateMachineArn, StateMachineRecord>()
  let changes = 0

  async function find(arn: StateMachineArn): Promise<StateMachineRecord | undefined> {
    const cached = known.get(arn)
    if (cached) return cached
    const asked = changes
    const machine = await store.stateMachine(arn)
    // One that is being deleted is gone before anybody says so; and what was read before a change is not to outlive it.
    if (machine?.status === 'ACTIVE' && asked === changes) known.set(arn, machine)
    return machine
  }

  function forget(): void {
    changes++
    known.clear()
  }

  async function publish(machine: StateMachineRecord, description: string | undefined): Promise<VersionRecord> {
    const version = {
      stateMachineKey: machine.key,
      revisionKey: machine.revision.key,
      createdAt: clock.now(),
      ...(description !== undefined && { description }),
    }
    const made = await store.createVersion(version, machine.arn)
    if (!made) throw doesNotExist(machine.arn)
    return made
  }

  /** Throws InvalidArn, StateMachineDoesNotExist. */
  async function resolve(arn: string): Promise<Resolved> {
    const parsed = parseStatesArn(arn)
    if (parsed?.kind !== 'stateMachine') throw invalidArn(arn)
    const plain = stateMachineArn(parsed, parsed.name)
    const machine = await find(plain)
    if (!machine) throw doesNotExist(arn)
    if (parsed.qualifier === undefined) return { machine, revision: machine.revision }
    if (isVersionArn(arn)) return byVersion(machine, arn)
    const alias = isAliasArn(arn) ? await store.alias(arn) : undefined
    if (!alias) throw doesNotExist(arn)
    const route = drawRoute(readRoutes(alias.routing), seededRandom(entropy.seed()).next())
    return { ...(await byVersion(machine, route)), aliasArn: alias.arn }
  }

  /** Throws StateMachineDeleting too. */
  async function resolveActive(arn: string): Promise<Resolved> {
    const resolved = await resolve(arn)
    if (resolved.machine.status === 'DELETING') throw deleting(resolved.machine.arn)
    return resolved
  }

  async function byVersion(machine: StateMachineRecord, arn: VersionArn): Promise<Resolved> {
    const version = await store.version(arn)
    const revision = version && (await store.revision(version.revisionKey))
    if (!version || !revision) throw doesNotExist(arn)
    return { machine, revision, versionArn: version.arn, version }
  }

  return {
    /** State machines have changed elsewhere: what is remembered of them is read anew. */
    forget,
    resolve,
    resolveActive,
    isDeleting: async (arn: StateMachineArn): Promise<boolean> => (await find(arn))?.status === 'DELETING',
    publish,
    /** False once the machine has been deleted, whatever a namesake does. */
    validate: (definition: string, type: 'STANDARD' | 'EXPRESS'): Promise<readonly Diagnostic[]> =>
      checkDefinition(definition, type, breathe),

    /** Any ARN of a machine: plain, version, alias, or that of a distributed Map within. */
    async describe(arn: string): Promise<Resolved & Described> {
      const resolved = await resolve(arn)
      const parsed = parseStatesArn(arn)
      const label = parsed?.kind === 'stateMachine' ? parsed.label : undefined
      const described = await describeRevision(executionPort, resolved.machine, resolved.revision, label)
      if (!described) throw doesNotExist(arn)
      return { ...described, ...resolved }
    },

    async describeRevision(
      machine: Pick<StateMachineRecord, 'name'>,
      revision: RevisionRecord,
      label: string | undefined,
    ): Promise<Described> {
      const described = await describeRevision(executionPort, machine, revision, label)
      assert(described, 'a child runs a Map state of its revision')
      return described
    },

    async create(input: CreateStateMachine): Promise<{ machine: StateMachineRecord; versionArn?: VersionArn }> {
      checkName(input.name)
      checkRoleArn(input.roleArn)
      if (input.versionDescription !== undefined && input.publish !== true)
        throw validation('Version description can only be set when publish is true')
      const type = input.type ?? 'STANDARD'
      await checkLogging(input.loggingConfiguration, logGroups)
      const tags = checkTags(input.tags)
      await refuseInvalid(input.definition, type, breathe)
      const arn = stateMachineArn(arnScope, input.name)
      const { definition, roleArn } = input
      const revision = { definition, roleArn, createdAt: clock.now(), ...configurationsOf(input) }
      const created = await store.createStateMachine(
        { arn, name: input.name, type, status: 'ACTIVE', createdAt: clock.now() },
        revision,
      )
      const machine = created === 'name-taken' ? await store.stateMachine(arn) : created
      if (!machine) throw new ServiceError('ConflictException', 'The state machine is being changed. Try again.')
      if (machine.status === 'DELETING') throw deleting(arn)
      if (created === 'name-taken' && !isSame(machine, type, revision)) {
        throw new ServiceError('StateMachineAlreadyExists', `State Machine Already Exists: '${arn}'`)
      }
      if (created !== 'name-taken' && tags.size > 0) await store.putTags(arn, tags)
      const version = input.publish === true ? await publish(machine, input.versionDescription) : undefined
      return { machine, ...(version && { versionArn: version.arn }) }
    },

    async update(input: UpdateStateMachine) {
      const parsed = parseStatesArn(input.stateMachineArn)
      if (parsed?.kind === 'stateMachine' && parsed.label !== undefined) throw labelled(input.stateMachineArn)
      if (parsed?.kind === 'stateMachine' && parsed.qualifier !== undefined) throw doesNotExist(input.stateMachineArn)
      const { machine } = await resolveActive(input.stateMachineArn)
      const { definition, roleArn } = input
      const changes = [definition, roleArn, input.loggingConfiguration, input.tracingConfiguration, input.encryptionConfiguration]
      if (changes.every((change) => change === undefined)) {
        throw new ServiceError(
          'MissingRequiredParameter',
          'Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified',
        )
      }
      if (input.versionDescription !== undefined && input.publish !== true)
        throw validation('Version description can only be set when publish is true')
      if (roleArn !== undefined) checkRoleArn(roleArn)
      await checkLogging(input.loggingConfiguration, logGroups)
      if (definition !== undefined) await refuseInvalid(definition, machine.type, breathe)
      const { key: _, stateMachineKey: __, ...before } = machine.revision
      const revision = {
        ...before,
        revisionId: entropy.uuid(),
        createdAt: clock.now(),
        ...(definition !== undefined && { definition }),
        ...(roleArn !== undefined && { roleArn }),
        ...configurationsOf(input),
      }
      // What changes nothing makes no revision.
      const isChanged = machine.revision.roleArn !== revision.roleArn || !isSame(machine, machine.type, revision)
      const updated = isChanged ? await store.updateStateMachine(machine.key, revision) : machine
      if (!updated) throw doesNotExist(machine.arn)
      if (isChanged) {
        forget()
        await executionPort.tellDefinitions()
      }
      const version = input.publish === true ? await publish(updated, input.versionDescription) : undefined
      return { updateDate: clock.now(), revisionId: updated.revision.revisionId, versionArn: version?.arn }
    },

    /** Without those of stacks' operations; a page may have fewer than `limit` for that. */
    list: async (limit: number, token?: string): Promise<Page<StateMachineSummary>> => {
      const found = await store.stateMachines(limit, tokens.open('machines', token))
      const page = { ...found, rows: found.rows.filter(({ name }) => !isOfStacks(name)) }
      return page.next === undefined ? page : { ...page, next: tokens.seal('machines', page.next) }
    },

    /**
     * A missing one is deleted already. While executions run it is DELETING, and they end at their next transition.
     * Source: API reference, DeleteStateMachine.
     */
    async remove(arn: string): Promise<void> {
      const parsed = parseStatesArn(arn)
      if (parsed?.kind !== 'stateMachine') throw invalidArn(arn)
      if (parsed.label !== undefined) throw labelled(arn)
      if (parsed.qualifier !== undefined) throw validation(`Invalid State Machine ARN: '${arn}'`)
      const machine = await store.stateMachine(stateMachineArn(parsed, parsed.name))
      if (!machine) return
      if (machine.type === 'EXPRESS') await store.deleteStateMachine(machine.key)
      else await executionPort.deleteMachine(machine.key)
      // Whoever resolved it before and commits after it is gone is told 'machine-gone' by the store.
      forget()
      await executionPort.tellDefinitions()
    },
  }
}

export type StateMachines = ReturnType<typeof createStateMachines>

async function describeRevision(
  executionPort: ExecutionPort,
  machine: Pick<StateMachineRecord, 'name'>,
  revision: RevisionRecord,
  label: string | undefined,
): Promise<Described | undefined> {
  // A definition that an older compiler took and this one refuses is shown all the same.
  const references = await executionPort.program(revision).then(
    ({ variableReferences }) => mutable(variableReferences),
    () => ({}),
  )
  if (label === undefined) return { machine, revision, label, definition: revision.definition, references }
  const definition = findProcessor(JSON.parse(revision.definition), label)
  if (definition === undefined) return undefined
  return { machine, revision, label, definition: JSON.stringify(definition), references }
}

const mutable = (references: Readonly<Record<string, readonly string[]>>): Record<string, string[]> =>
  Object.fromEntries(Object.entries(references).map(([state, names]) => [state, [...names]]))

/** The processor of the distributed Map with that label, which follows from the state's name where none is written. */
function findProcessor(document: Json, label: string): Json | undefined {
  if (!isObject(document)) return undefined
  const processors = visitMachine(document, 'STANDARD').states.flatMap(({ document: state, name }) => {
    if (state.Type !== 'Map' || (state.Label ?? labelOf(name)) !== label) return []
    const processor: Json | undefined = state[processorField(state)]
    return isObject(processor) && distributedConfig(processor) ? [processor] : []
  })
  return processors[0]
}

/** What the language finds wrong, then what the called services would not take. */
async function checkDefinition(
  definition: string,
  type: 'STANDARD' | 'EXPRESS',
  breathe: Breathe,
): Promise<readonly Diagnostic[]> {
  const found = await inSlices(checkSlices(definition, { type }), breathe)
  if (found.some(({ code }) => UNREADABLE.has(code))) return found
  return [...found, ...(await checkTaskParameters(definition, breathe))].slice(0, DIAGNOSTICS_MAX)
}

const UNREADABLE: ReadonlySet<string> = new Set(['INVALID_JSON_DESCRIPTION', 'TOO_DEEPLY_NESTED'])

/** Throws InvalidDefinition with the faults in AWS's words, `besides` those of these codes. */
export async function refuseInvalid(
  definition: string,
  type: 'STANDARD' | 'EXPRESS',
  breathe: Breathe,
  besides: ReadonlySet<string> = new Set(),
): Promise<void> {
  const found = await checkDefinition(definition, type, breathe)
  const faults = found.filter(({ severity, code }) => severity === 'ERROR' && !besides.has(code))
  if (faults.length === 0) return
  const told = faults.map(
    ({ code, message, location }) => `${code}: ${message}${location === undefined ? '' : ` at ${location}`}`,
  )
  throw new ServiceError('InvalidDefinition', `Invalid State Machine Definition: '${told.join(', ')}'`)
}

function configurationsOf(
  input: Pick<CreateStateMachine, 'loggingConfiguration' | 'tracingConfiguration' | 'encryptionConfiguration'>,
) {
  const loggingConfiguration = text(input.loggingConfiguration)
  const tracingConfiguration = text(input.tracingConfiguration)
  const encryptionConfiguration = text(input.encryptionConfiguration)
  return {
    ...(loggingConfiguration !== undefined && { loggingConfiguration }),
    ...(tracingConfiguration !== undefined && { tracingConfiguration }),
    ...(encryptionConfiguration !== undefined && { encryptionConfiguration }),
  }
}

function isSame(machine: StateMachineRecord, type: string, revision: Partial<RevisionRecord>): boolean {
  const now = machine.revision
  return (
    machine.type === type &&
    now.definition === revision.definition &&
    isEqualConfiguration(now, revision, 'loggingConfiguration') &&
    isEqualConfiguration(now, revision, 'tracingConfiguration') &&
    isEqualConfiguration(now, revision, 'encryptionConfiguration')
  )
}

/** What is in force where nothing is said. */
const DEFAULTS = {
  loggingConfiguration: { level: 'OFF', includeExecutionData: false, destinations: [] },
  tracingConfiguration: { enabled: false },
  encryptionConfiguration: { type: 'AWS_OWNED_KEY' },
} satisfies Partial<Record<keyof RevisionRecord, JsonObject>>

function isEqualConfiguration(a: Partial<RevisionRecord>, b: Partial<RevisionRecord>, name: keyof typeof DEFAULTS): boolean {
  const spelledOut = ({ [name]: text }: Partial<RevisionRecord>) => {
    const given: Json = JSON.parse(text ?? '{}')
    return JSON.stringify({ ...DEFAULTS[name], ...(isObject(given) ? given : {}) })
  }
  return spelledOut(a) === spelledOut(b)
}

async function checkLogging(configuration: unknown, logGroups: LogGroups): Promise<void> {
  if (!isObject(configuration)) return
  const { level = 'OFF', destinations } = configuration
  const refuse = (message: string) => new ServiceError('InvalidLoggingConfiguration', `Invalid Logging Configuration: ${message}`)
  if (level === 'OFF') return
  if (!isArray(destinations) || destinations.length !== 1) throw refuse('Must specify exactly one Log Destination.')
  const [destination] = destinations
  const group = isObject(destination) ? destination['cloudWatchLogsLogGroup'] : undefined
  const arn = isObject(group) ? group['logGroupArn'] : undefined
  if (typeof arn !== 'string' || !arn.endsWith(':*')) throw refuse('Must specify a Log Destination.')
  if (!(await logGroups.exists(arn))) throw refuse('Log Destination not found.')
}
