/** The actions that only look. Source: CloudFormation API reference, each action. */
import type { JsonObject } from '../../base/json.ts'

import type { QueryOperation } from '../../wire/aws-query.ts'
import { element, optionalElement, type Xml } from '../../wire/xml.ts'

import { pageTokens } from '../kit/page-token.ts'

import { checkTemplate } from '../../cloudformation/template/check.ts'
import { readStackTemplate } from '../../cloudformation/template/stack-template.ts'
import { summaryOf, type TemplateSummary } from '../../cloudformation/template/summary.ts'
import { declarationsIn, isTransformed } from '../../cloudformation/transforms.ts'

import { validationError } from './errors.ts'
import { readChoice, readText, readTexts, requireText } from './input.ts'
import type { ResourceRecord, StackRecord } from './records.ts'
import {
  list,
  renderEvent,
  renderResource,
  renderResourceDetail,
  renderResourceSummary,
  renderStack,
  renderSummary,
} from './render.ts'
import type { ActionDeps } from './stack-actions.ts'
import { resourceOf } from './stacks.ts'
import { templateOf } from './template-source.ts'

const PAGE = 100

export function readActions({ store, stacks, preparation }: ActionDeps): readonly (readonly [string, QueryOperation])[] {
  const tokens = pageTokens('cloudformation', () => validationError('NextToken is not valid.'))

  /** `from`: where the page begins. */
  function pageOf<T>(input: JsonObject, items: readonly T[], size = PAGE) {
    const from = Number(tokens.placeOf(readText(input, 'NextToken')))
    const next = items.length > from + size ? tokens.print([from + size]) : undefined
    return { items: items.slice(from, from + size), next: optionalElement('NextToken', next) }
  }

  function describeStacks(input: JsonObject): readonly (Xml | undefined)[] {
    const name = readText(input, 'StackName')
    const found = name === undefined ? store.stacks().filter(({ deletedMs }) => deletedMs === undefined) : [stacks.get(name)]
    const { items, next } = pageOf(input, found)
    return [list('Stacks', items.map(renderStack)), next]
  }

  function describeStackEvents(input: JsonObject): readonly (Xml | undefined)[] {
    const name = requireText(input, 'StackName')
    const stack = stacks.find(name)
    if (stack === undefined) throw validationError(`Stack [${name}] does not exist`)
    const before = Number(tokens.placeOf(readText(input, 'NextToken'))) || Number.MAX_SAFE_INTEGER
    const found = store.events(stack.id, before, PAGE + 1)
    const shown = found.slice(0, PAGE)
    const last = found.length > PAGE ? shown.at(-1) : undefined
    return [
      list(
        'StackEvents',
        shown.map(({ event }) => renderEvent(event, stack)),
      ),
      optionalElement('NextToken', last && tokens.print([last.sequence])),
    ]
  }

  /** Of a stack, or of the one that has a physical resource. */
  function described(input: JsonObject): { readonly stack: StackRecord; readonly resources: readonly ResourceRecord[] } {
    const name = readText(input, 'StackName')
    const ref = readText(input, 'PhysicalResourceId')
    const logicalId = readText(input, 'LogicalResourceId')
    if ((name === undefined) === (ref === undefined))
      throw validationError('You must specify either StackName or PhysicalResourceId, but not both.')
    const stack = name === undefined ? stackWith(ref ?? '') : stackNamed(name)
    const resources = store.resources(stack.id)
    return { stack, resources: logicalId === undefined ? resources : [resourceOf(store, stack, logicalId)] }
  }

  function stackWith(ref: string): StackRecord {
    const stack = store.resourcesWithRef(ref).flatMap(({ stackId }) => store.stack(stackId) ?? [])
    const found = stack.find(({ deletedMs }) => deletedMs === undefined)
    if (found === undefined) throw validationError(`Stack for ${ref} does not exist`)
    return found
  }

  /** In these words, where it is about resources. */
  function stackNamed(name: string): StackRecord {
    const stack = stacks.find(name)
    if (stack === undefined) throw validationError(`Stack with id ${name} does not exist`)
    return stack
  }

  function getTemplate(input: JsonObject): readonly Xml[] {
    const stage = readChoice(input, 'TemplateStage', ['Original', 'Processed']) ?? 'Original'
    const changeSetName = readText(input, 'ChangeSetName')
    const name = readText(input, 'StackName')
    const changeSet =
      changeSetName === undefined
        ? undefined
        : changeSetName.startsWith('arn:')
          ? store.changeSet(changeSetName)
          : store.changeSetNamed(stacks.get(name ?? '').id, changeSetName)
    const stack = changeSet === undefined ? stacks.get(requireText(input, 'StackName')) : undefined
    const settings = changeSet?.settings ?? stack?.target ?? stack?.current
    // A stack in review has none yet.
    const { template = '', processed = '' } = settings ?? {}
    return [
      element('TemplateBody', stage === 'Original' ? template : processed),
      list('StagesAvailable', ['Original', 'Processed']),
    ]
  }

  async function getTemplateSummary(input: JsonObject): Promise<readonly (Xml | undefined)[]> {
    const name = readText(input, 'StackName')
    const stack = name === undefined ? undefined : stacks.get(name)
    const text = (stack?.target ?? stack?.current)?.template ?? (await templateOf(input, preparation.source, undefined))
    if (text === undefined) throw validationError('Either StackName, TemplateBody or TemplateURL must be specified.')
    const summary = summaryOf(declarationsIn(readStackTemplate(text)))
    return [
      ...renderTemplateSummary(summary),
      list('ResourceTypes', summary.resourceTypes),
      element('Version', '2010-09-09'),
      optionalElement('Metadata', summary.metadata),
      list('ResourceIdentifierSummaries', []),
    ]
  }

  return [
    ['DescribeStacks', (input) => shown(describeStacks(input))],
    ['DescribeStackEvents', (input) => shown(describeStackEvents(input))],
    [
      'ListStacks',
      (input) => {
        const wanted = new Set(readTexts(input, 'StackStatusFilter'))
        const found = store.stacks().filter(({ status }) => wanted.size === 0 || wanted.has(status))
        const { items, next } = pageOf(input, found)
        return shown([list('StackSummaries', items.map(renderSummary)), next])
      },
    ],
    [
      'DescribeStackResources',
      (input) => {
        const { stack, resources } = described(input)
        return list(
          'StackResources',
          resources.map((resource) => renderResource(resource, stack)),
        )
      },
    ],
    [
      'DescribeStackResource',
      (input) => {
        const name = requireText(input, 'StackName')
        const stack = stacks.find(name)
        if (stack === undefined) throw validationError(`Stack '${name}' does not exist`)
        const resource = resourceOf(store, stack, requireText(input, 'LogicalResourceId'))
        return element('StackResourceDetail', renderResourceDetail(resource, stack))
      },
    ],
    [
      'ListStackResources',
      (input) => {
        const stack = stackNamed(requireText(input, 'StackName'))
        const { items, next } = pageOf(input, store.resources(stack.id))
        return shown([list('StackResourceSummaries', items.map(renderResourceSummary)), next])
      },
    ],
    ['GetTemplate', getTemplate],
    ['GetTemplateSummary', async (input) => shown(await getTemplateSummary(input))],
    [
      'ValidateTemplate',
      async (input) => {
        const text = await templateOf(input, preparation.source, undefined)
        if (text === undefined) throw validationError('Either Template URL or Template Body must be specified.')
        const root = readStackTemplate(text)
        const template = declarationsIn(root)
        // What transforms write is not there to be referred to: they are made when a stack or a change set is.
        if (!isTransformed(root)) checkTemplate(template)
        return shown(renderTemplateSummary(summaryOf(template)))
      },
    ],
    [
      'ListExports',
      (input) => {
        const { items, next } = pageOf(input, store.exports())
        const rendered = items.map(({ name, value, stackId }) => [
          element('ExportingStackId', stackId),
          element('Name', name),
          element('Value', value),
        ])
        return shown([list('Exports', rendered), next])
      },
    ],
    [
      'ListImports',
      (input) => {
        const name = requireText(input, 'ExportName')
        const importers = store.importersOf(name)
        if (importers.length === 0) throw validationError(`Export '${name}' is not imported by any stack.`)
        const { items, next } = pageOf(input, importers)
        return shown([list('Imports', items), next])
      },
    ],
  ]
}

const shown = (parts: readonly (Xml | undefined)[]): readonly Xml[] => parts.filter((part) => part !== undefined)

function renderTemplateSummary(summary: TemplateSummary): readonly (Xml | undefined)[] {
  return [
    list(
      'Parameters',
      summary.parameters.map(({ name, type, fallback, isSecret, description, allowedValues }) => [
        element('ParameterKey', name),
        optionalElement('DefaultValue', fallback),
        element('ParameterType', type),
        element('NoEcho', isSecret),
        optionalElement('Description', description),
        element('ParameterConstraints', allowedValues.length > 0 ? list('AllowedValues', allowedValues) : undefined),
      ]),
    ),
    optionalElement('Description', summary.description),
    list('Capabilities', summary.capabilities),
    optionalElement('CapabilitiesReason', summary.capabilitiesReason),
    list('DeclaredTransforms', summary.declaredTransforms),
  ]
}
