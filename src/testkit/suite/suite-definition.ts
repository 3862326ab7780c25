/** The definition that a suite names, read once for all of its cases, and what is wrong with it at its own place. */
import { readFile } from 'node:fs/promises'
import { dirname, relative, resolve } from 'node:path'

import { checkDefinition } from '../../asl/check.ts'
import { pathOfDiagnostic } from '../../asl/document/location.ts'
import { readJson } from '../../source/json.ts'
import { positionsIn } from '../../source/position.ts'
import { readEither, readSource, withoutMark } from '../../source/source.ts'
import { type Key, nearestPlace } from '../../source/tree.ts'

import { readDefinition } from '../definition.ts'

import type { Finding } from './result.ts'
import { nameOf } from './shape.ts'
import type { Suite, SuiteDefinition } from './suite.ts'
import { at, type LocatedSuite } from './suite-file.ts'
import { messageOf } from '../kit-error.ts'

export interface SuiteWorkflow {
  /** JSON text, with its substitutions made. */
  readonly definition: string
  /** Absolute; undefined where the suite has the definition itself. */
  readonly file: string | undefined
  readonly resource: string | undefined
  readonly isTemplate: boolean
}

/** What of a suite names its definition, its files absolute. */
export function definitionMembersOf(
  { file, definition, template, resource, parameters, substitutions, type }: Suite,
  folder: string,
) {
  return {
    ...(file !== undefined && { file: resolve(folder, file) }),
    ...(definition !== undefined && { definition }),
    ...(template !== undefined && { template: resolve(folder, template) }),
    ...(resource !== undefined && { resource }),
    ...(parameters !== undefined && { parameters }),
    ...(substitutions !== undefined && { substitutions }),
    ...(type !== undefined && { type }),
  } satisfies SuiteDefinition
}

/** Findings where it cannot be read, or does not validate. Never rejects. */
export async function readSuiteDefinition(located: LocatedSuite): Promise<SuiteWorkflow | readonly Finding[]> {
  const { suite, file: suiteFile, placeOf } = located
  const member = (['file', 'template', 'definition'] as const).find((name) => suite[name] !== undefined)
  const source = definitionMembersOf(suite, dirname(suiteFile))
  if (member === undefined)
    return [at(suiteFile, placeOf([]), 'The suite names no workflow. Add its definition: file: ./order.asl.json')]
  try {
    const { definition, type, resources } = await readDefinition(source)
    const findings = await definitionFindings(definition, located, type)
    return findings.length > 0
      ? findings
      : { definition, file: source.file ?? source.template, resource: source.resource, isTemplate: resources !== undefined }
  } catch (error) {
    return [at(suiteFile, placeOf([member]), messageOf(error))]
  }
}

async function definitionFindings(
  definition: string,
  located: LocatedSuite,
  type: Suite['type'] = 'STANDARD',
): Promise<readonly Finding[]> {
  const { suite } = located
  const errors = checkDefinition(definition, { type: suite.type ?? type }).filter(({ severity }) => severity === 'ERROR')
  if (errors.length === 0) return []
  const placed = await placesOf(located)
  const { root } = readJson(definition)
  return errors.map(({ code, message, location }) => {
    const path = location === undefined || location.startsWith('[') ? [] : pathOfDiagnostic(root, { location, message })
    const where = path.length === 0 ? '' : ` (at ${nameOf(path)})`
    const finding = placed(path, `${code}: ${message.split('\n')[0] ?? message}${where}`)
    return /\$\{\w+\}/.test(definition) ? { ...finding, hint: PLACEHOLDER } : finding
  })
}

const PLACEHOLDER = 'A ${Name} in it gets its value from the suite: substitutions: { Name: … }'

/** In the definition's own file, else in the suite. */
async function placesOf({ suite, file: suiteFile, placeOf }: LocatedSuite) {
  if (suite.file === undefined)
    return (path: readonly Key[], message: string): Finding => {
      const inSuite = suite.definition === undefined ? ['template'] : ['definition', ...path]
      return at(suiteFile, placeOf(inSuite), `The definition is not valid. ${message}`)
    }
  const file = relative(process.cwd(), resolve(dirname(suiteFile), suite.file))
  const text = withoutMark(await readFile(file, 'utf8'))
  const source = /\.ya?ml$/i.test(file) ? readEither(text) : readSource(text)
  const positionAt = positionsIn(text)
  const broken = source.problems.find(({ isDuplicate }) => !isDuplicate)
  return (path: readonly Key[], message: string): Finding => {
    const place = nearestPlace(source.root, path).place
    return at(file, broken ? positionAt(broken.from) : place && positionAt(place.range.from), message)
  }
}
