/** Versions and aliases of state machines. */
import {
  type AliasArn,
  aliasArn,
  isAliasArn,
  isVersionArn,
  parseStatesArn,
  type StateMachineArn,
  type VersionArn,
  stateMachineArn,
} from '../base/arn.ts'

import type { AliasRecord, Page, VersionRecord } from '../store/contract.ts'

import type { Context } from './context.ts'
import { type Route, readRoutes } from './alias-routing.ts'
import { invalidArn, ServiceError, validation } from './service-error.ts'
import { doesNotExist, type StateMachines } from './state-machines.ts'

const ALIAS_NAME = /^(?=.*[a-zA-Z_\-.])[a-zA-Z0-9_\-.]{1,80}$/

export function createVersions({ store, tokens, clock }: Context, machines: StateMachines) {
  async function aliasOf(arn: string): Promise<AliasRecord> {
    if (parseStatesArn(arn)?.kind !== 'stateMachine') throw invalidArn(arn)
    const alias = isAliasArn(arn) ? await store.alias(arn) : undefined
    if (!alias) throw new ServiceError('ResourceNotFound', `Request references a resource that does not exist.`)
    return alias
  }

  /** The machine that all routes lead to; with `of`, that machine. */
  async function checkRoutes(routes: readonly Route[], of?: StateMachineArn): Promise<StateMachineArn> {
    const arns = routes.map(({ stateMachineVersionArn }) => stateMachineVersionArn)
    const bad = (message: string) => validation(message, 'INVALID_ROUTING_CONFIGURATION')
    if (!arns.every(isVersionArn)) {
      throw bad(`Routing configuration must contain state machine version ARNs. Received: [${arns.join(', ')}]`)
    }
    const [machine, ...others] = new Set(arns.map(machineOf))
    if (machine === undefined || others.length > 0 || (of !== undefined && machine !== of))
      throw bad('Routing configuration must reference versions of one state machine.')
    if (new Set(arns).size !== arns.length)
      throw bad(`Routing configuration must contain distinct state machine version ARNs. Received: [${arns.join(', ')}]`)
    const weights = routes.map(({ weight }) => weight)
    if (weights.reduce((sum, weight) => sum + weight, 0) !== 100)
      throw bad(`Sum of routing configuration weights must equal 100. Received: [${weights.join(', ')}]`)
    for (const arn of arns)
      if (!(await store.version(arn)))
        throw new ServiceError('ResourceNotFound', 'Request references a resource that does not exist.')
    return machine
  }

  return {
    async publish(arn: string, revisionId: string | undefined, description: string | undefined): Promise<VersionRecord> {
      const { machine } = await machines.resolveActive(arn)
      const current = machine.revision.revisionId ?? 'INITIAL'
      if (revisionId !== undefined && revisionId !== current) {
        throw new ServiceError(
          'ConflictException',
          `Failed to publish the State Machine version for revision ${revisionId}. The current State Machine revision is ${current}.`,
        )
      }
      return machines.publish(machine, description)
    },
    async list(arn: string, limit: number, token?: string): Promise<Page<VersionRecord>> {
      const { machine } = await machines.resolve(arn)
      const scope = `versions ${arn}`
      const page = await store.versions(machine.key, limit, tokens.open(scope, token))
      return page.next === undefined ? page : { ...page, next: tokens.seal(scope, page.next) }
    },
    async remove(arn: string): Promise<void> {
      if (parseStatesArn(arn)?.kind !== 'stateMachine') throw invalidArn(arn)
      if (!isVersionArn(arn)) return
      const version = await store.version(arn)
      if (!version) return
      const aliases = await store.aliases(version.stateMachineKey, 1_000)
      const using = aliases.rows.filter(({ routing }) =>
        readRoutes(routing).some((route) => route.stateMachineVersionArn === arn),
      )
      if (using.length > 0) {
        const names = using.map(({ name }) => name).join(', ')
        throw new ServiceError(
          'ConflictException',
          `Version to be deleted must not be referenced by an alias. Current list of aliases referencing this version: [${names}]`,
        )
      }
      await store.deleteVersion(arn)
    },
    async createAlias(name: string, description: string | undefined, routes: readonly Route[]): Promise<AliasRecord> {
      if (!ALIAS_NAME.test(name)) {
        throw validation(
          `1 validation error detected: Value '${name}' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: ^(?=.*[a-zA-Z_\\-\\.])[a-zA-Z0-9_\\-\\.]+$`,
        )
      }
      const machineArn = await checkRoutes(routes)
      const { machine } = await machines.resolveActive(machineArn)
      const arn = aliasArn(machineArn, name)
      const now = clock.now()
      const routing = JSON.stringify(routes)
      const alias = {
        arn,
        stateMachineKey: machine.key,
        name,
        routing,
        createdAt: now,
        updatedAt: now,
        ...(description !== undefined && { description }),
      }
      const existing = await store.alias(arn)
      if (existing) {
        if (existing.routing === routing && existing.description === description) return existing
        throw new ServiceError(
          'ConflictException',
          `Failed to create alias because an alias with the same name and a different routing configuration already exists.`,
        )
      }
      if (!(await store.putAlias(alias))) throw doesNotExist(machineArn)
      return alias
    },
    describeAlias: aliasOf,
    async updateAlias(arn: string, description: string | undefined, routes: readonly Route[] | undefined): Promise<AliasRecord> {
      const alias = await aliasOf(arn)
      if (description === undefined && routes === undefined)
        throw validation('Either description or routingConfiguration must be specified', 'MISSING_REQUIRED_PARAMETER')
      if (routes) await checkRoutes(routes, machineOf(alias.arn))
      const updated = {
        ...alias,
        updatedAt: clock.now(),
        ...(description !== undefined && { description }),
        ...(routes && { routing: JSON.stringify(routes) }),
      }
      await store.putAlias(updated)
      return updated
    },
    async removeAlias(arn: string): Promise<void> {
      await store.deleteAlias((await aliasOf(arn)).arn)
    },
    async listAliases(arn: string, limit: number, token?: string): Promise<Page<AliasRecord>> {
      const { machine, version } = await machines.resolve(arn)
      const scope = `aliases ${arn}`
      const page = await store.aliases(machine.key, limit, tokens.open(scope, token))
      const rows = version ? page.rows.filter(({ routing }) => routing.includes(`"${version.arn}"`)) : page.rows
      return page.next === undefined ? { rows } : { rows, next: tokens.seal(scope, page.next) }
    },
  }
}

/** The machine that a version or an alias is of. */
function machineOf(arn: VersionArn | AliasArn): StateMachineArn | undefined {
  const parsed = parseStatesArn(arn)
  return parsed?.kind === 'stateMachine' ? stateMachineArn(parsed, parsed.name) : undefined
}
