/**
 * Change sets: what a change would do, looked at before it is made.
 * Source: CloudFormation API reference, CreateChangeSet and its kin.
 */
import { randomUUID } from 'node:crypto'

import type { Clock } from '../../base/clock.ts'
import type { JsonObject } from '../../base/json.ts'

import type { QueryOperation } from '../../wire/aws-query.ts'
import { element } from '../../wire/xml.ts'

import { pageTokens } from '../kit/page-token.ts'

import { changeSetExists, invalidChangeSet, noSuchChangeSet, validationError } from './errors.ts'
import { readChoice, readFlag, readText, requireName, requireStackName, requireText } from './input.ts'
import { type Prepared, prepare } from './preparation.ts'
import type { ChangeSetRecord, StackRecord } from './records.ts'
import { changeShown, list, renderChangeSet, renderChangeSetSummary } from './render.ts'
import { masked, secretsOf } from './secrets.ts'
import { type ActionDeps, HOLD_MS } from './stack-actions.ts'

interface ChangeSetDeps extends ActionDeps {
  readonly region: string
  readonly account: string
  readonly clock: Clock
}

const NO_CHANGES = "The submitted information didn't contain changes. Submit different information to create a change set."
const PAGE = 100

export function changeSetActions(deps: ChangeSetDeps): readonly (readonly [string, QueryOperation])[] {
  const { store, stacks, operations, preparation, region, account, clock } = deps
  const tokens = pageTokens('cloudformation-changes', () => validationError('NextToken is not valid.'))

  /** By its ARN, or by its name and the stack's. */
  function find(input: JsonObject): ChangeSetRecord | undefined {
    const name = requireText(input, 'ChangeSetName')
    if (name.startsWith('arn:')) return store.changeSet(name)
    const stack = stacks.get(requireText(input, 'StackName'))
    return store.changeSetNamed(stack.id, name)
  }

  function get(input: JsonObject): { readonly changeSet: ChangeSetRecord; readonly stack: StackRecord } {
    const changeSet = find(input)
    const stack = changeSet && store.stack(changeSet.stackId)
    if (changeSet === undefined || stack === undefined) throw noSuchChangeSet(requireText(input, 'ChangeSetName'))
    return { changeSet, stack }
  }

  /** The stack that it is for: of a new one, one in review. */
  function stackFor(input: JsonObject): StackRecord {
    const name = requireText(input, 'StackName')
    const kind = readChoice(input, 'ChangeSetType', ['CREATE', 'UPDATE', 'IMPORT']) ?? 'UPDATE'
    const found = stacks.find(name)
    if (kind !== 'CREATE') {
      const stack = found ?? stacks.get(name)
      stacks.requireSettled(stack)
      return stack
    }
    if (found !== undefined && found.status !== 'REVIEW_IN_PROGRESS') {
      const changeSet = requireText(input, 'ChangeSetName')
      throw validationError(`Stack [${found.name}] already exists and cannot be created again with the changeSet [${changeSet}].`)
    }
    if (found !== undefined) return found
    requireStackName(input)
    const id = stacks.newStackId(name)
    return { id, name, status: 'REVIEW_IN_PROGRESS', reason: 'User Initiated', createdMs: clock.now(), isProtected: false }
  }

  function judged(stack: StackRecord, prepared: Prepared): Pick<ChangeSetRecord, 'status' | 'execution' | 'changes' | 'reason'> {
    const changes = stacks.changes(stack, prepared)
    if (stack.status !== 'REVIEW_IN_PROGRESS' && !stacks.hasChanges(stack, prepared, changes))
      return { status: 'FAILED', execution: 'UNAVAILABLE', changes: [], reason: NO_CHANGES }
    const secrets = secretsOf(stack.current, prepared.settings)
    const shown = changes.map((change) => masked(changeShown(change), secrets))
    return { status: 'CREATE_COMPLETE', execution: 'AVAILABLE', changes: shown }
  }

  async function createChangeSet(input: JsonObject) {
    const name = requireText(input, 'ChangeSetName')
    requireName(name, 'changeSetName')
    const stack = stackFor(input)
    if (store.changeSetNamed(stack.id, name) !== undefined) throw changeSetExists(name)
    const prepared = await prepare(input, stack, stack.current, preparation, true)
    const id = `arn:aws:cloudformation:${region}:${account}:changeSet/${name}/${randomUUID()}`
    const description = readText(input, 'Description')
    const onStackFailure = readChoice(input, 'OnStackFailure', ['DELETE', 'DO_NOTHING', 'ROLLBACK'])
    store.transaction(() => {
      const known = store.stackNamed(stack.name) ?? store.putStack(stack)
      if (store.changeSetNamed(known.id, name) !== undefined) throw changeSetExists(name)
      store.putChangeSet({
        id,
        stackId: known.id,
        name,
        createdMs: clock.now(),
        kind: stack.status === 'REVIEW_IN_PROGRESS' ? 'CREATE' : 'UPDATE',
        ...judged(stack, prepared),
        ...(description !== undefined && { description }),
        ...(onStackFailure !== undefined && { onStackFailure }),
        includesNested: readFlag(input, 'IncludeNestedStacks'),
        settings: { ...prepared.settings, changeSetId: id },
      })
    })
    return [element('Id', id), element('StackId', stack.id)]
  }

  async function executeChangeSet(input: JsonObject): Promise<[]> {
    const { changeSet, stack } = get(input)
    if (changeSet.execution !== 'AVAILABLE')
      throw invalidChangeSet(
        changeSet.status === 'FAILED'
          ? `ChangeSet [${changeSet.id}] cannot be executed in its current status of [FAILED]`
          : `ChangeSet [${changeSet.id}] cannot be executed in its current execution status of [${changeSet.execution}]`,
      )
    const { settings } = changeSet
    const model = preparation.models.of(stack, settings)
    const isKept = readFlag(input, 'DisableRollback') || changeSet.onStackFailure === 'DO_NOTHING'
    const onFailure = isKept ? 'DO_NOTHING' : changeSet.onStackFailure === 'DELETE' ? 'DELETE' : 'ROLLBACK'
    const options = { clientToken: readText(input, 'ClientRequestToken'), onFailure } as const
    const begun = store.transaction(() => {
      const isNew = stack.status === 'REVIEW_IN_PROGRESS'
      const made = isNew ? stacks.create(stack, { settings, model }, options) : stacks.update(stack, { settings, model }, options)
      for (const other of store.changeSets(stack.id)) if (other.id !== changeSet.id) store.removeChangeSet(other.id)
      store.putChangeSet({ ...changeSet, execution: 'EXECUTE_COMPLETE' })
      return made
    })
    if (begun.operationId !== undefined) await operations.whenOver(begun.operationId, HOLD_MS)
    return []
  }

  return [
    ['CreateChangeSet', createChangeSet],
    ['ExecuteChangeSet', executeChangeSet],
    [
      'DescribeChangeSet',
      (input) => {
        const { changeSet, stack } = get(input)
        const from = Number(tokens.placeOf(readText(input, 'NextToken')))
        const changes = changeSet.changes.slice(from, from + PAGE)
        const next = changeSet.changes.length > from + PAGE ? tokens.print([from + PAGE]) : undefined
        return renderChangeSet(changeSet, stack, changes, next).filter((part) => part !== undefined)
      },
    ],
    [
      'DeleteChangeSet',
      (input) => {
        const changeSet = find(input)
        if (changeSet !== undefined) store.removeChangeSet(changeSet.id)
        return []
      },
    ],
    [
      'ListChangeSets',
      (input) => {
        const stack = stacks.get(requireText(input, 'StackName'))
        const summaries = store.changeSets(stack.id).map((changeSet) => renderChangeSetSummary(changeSet, stack))
        return list('Summaries', summaries)
      },
    ],
  ]
}
