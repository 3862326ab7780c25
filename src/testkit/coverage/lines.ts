/** On which line of which file each point of a workflow stands: in the definition's own file, or in a template that holds it or names it. */
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path/posix'

import { positionsIn } from '../../source/position.ts'
import { readEither, withoutMark } from '../../source/source.ts'
import { type Key, nearestPlace, type ObjectNode, placeOf, type SourceNode } from '../../source/tree.ts'

import type { Point } from './points.ts'
import type { CoveredWorkflow } from './workflow-coverage.ts'

export interface Lines {
  /** The file that has them. */
  readonly file: string
  /** From 1. What is not there any more stands where the nearest around it does. */
  lineOf(point: Pick<Point, 'place'>): number
}

/** Undefined for a workflow without a file, and where the definition is not found in it. */
export async function linesOf({ file, resource }: Pick<CoveredWorkflow, 'file' | 'resource'>): Promise<Lines | undefined> {
  const found = file === undefined ? undefined : await readTree(file)
  if (file === undefined || !found) return undefined
  if (placeOf(found.root, ['StartAt'])) return linesIn(file, found, [])
  const properties = propertiesOfMachine(found.root, resource)
  const definition = properties && placeOf(found.root, [...properties, 'Definition'])
  if (properties && definition?.node.kind === 'object') return linesIn(file, found, [...properties, 'Definition'])
  const uri = properties && placeOf(found.root, [...properties, 'DefinitionUri'])?.node
  if (uri?.kind !== 'scalar' || typeof uri.value !== 'string') return undefined
  const own = join(dirname(file), uri.value)
  const tree = await readTree(own)
  return tree && placeOf(tree.root, ['StartAt']) && linesIn(own, tree, [])
}

interface Tree {
  readonly text: string
  readonly root: SourceNode | undefined
}

async function readTree(file: string): Promise<Tree | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined)
  return text === undefined ? undefined : readEither(withoutMark(text))
}

function linesIn(file: string, { text, root }: Tree, at: readonly Key[]): Lines {
  const position = positionsIn(text)
  return { file, lineOf: ({ place }) => position(nearestPlace(root, [...at, ...place]).place?.range.from ?? 0).line }
}

const MACHINES: readonly unknown[] = ['AWS::StepFunctions::StateMachine', 'AWS::Serverless::StateMachine']

/** Of the resource that is named, else of the only state machine that there is. */
function propertiesOfMachine(root: SourceNode | undefined, resource: string | undefined): readonly Key[] | undefined {
  const resources = placeOf(root, ['Resources'])?.node
  if (resources?.kind !== 'object') return undefined
  const machines = namesOfMachines(resources)
  const name = resource ?? (machines.length === 1 ? machines[0] : undefined)
  return name === undefined || !machines.includes(name) ? undefined : ['Resources', name, 'Properties']
}

const namesOfMachines = ({ members }: ObjectNode): readonly string[] =>
  members.flatMap(({ name, value }) => {
    const type = placeOf(value, ['Type'])?.node
    return type?.kind === 'scalar' && MACHINES.includes(type.value) ? [name] : []
  })
