/** On which line of its file each point of a workflow stands. */
import { readFile } from 'node:fs/promises'

import { type Position, positionsIn } from '../../source/position.ts'
import { readEither, withoutMark } from '../../source/source.ts'
import { nearestPlace } from '../../source/tree.ts'

import type { Point } from './points.ts'
import type { CoveredWorkflow } from './workflow-coverage.ts'

/** From 1. What is not there any more stands where the nearest around it does. */
export type LineOf = (point: Pick<Point, 'place'>) => number

/** Undefined for a workflow without a file, and where the file cannot be read. */
export async function linesOf(workflow: CoveredWorkflow): Promise<LineOf | undefined> {
  if (workflow.file === undefined) return undefined
  const text = await readFile(workflow.file, 'utf8').catch(() => undefined)
  return text === undefined ? undefined : linesIn(text, workflow)
}

export function linesIn(written: string, { at = [] }: Pick<CoveredWorkflow, 'at'>): LineOf {
  const text = withoutMark(written)
  const { root } = readEither(text)
  const position: (offset: number) => Position = positionsIn(text)
  return ({ place }) => position(nearestPlace(root, [...at, ...place]).place?.range.from ?? 0).line
}
