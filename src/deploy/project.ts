/**
 * What `regente dev` brings up: a template, or a project whose tool makes templates of its sources.
 */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'

import { type StackTemplate, templatesOfAssembly } from './app.ts'

export interface Project {
  /** As it is told: `CDK app`. */
  readonly kind: string
  /** Makes its templates anew. Rejects with ToolError. */
  make(place: ProjectPlace, signal?: AbortSignal): Promise<readonly StackTemplate[]>
  /** The folder of its sources; undefined where its templates are all there is. */
  readonly folder?: string
  /** Whether a file is one that its templates are made of. */
  isSource(path: string): boolean
  /** Whether a file is one that its tool makes: no change of it is a change of the project. */
  isMade(path: string): boolean
}

/** For which place it is made, and where its tool calls AWS. */
export interface ProjectPlace {
  readonly endpoint: string
  readonly region: string
  readonly account: string
}

/** Templates as they lie there. */
export const templatesAsTheyAre = (files: readonly StackTemplate[]): Project => ({
  kind: 'template',
  make: async () => files,
  isSource: () => false,
  isMade: () => false,
})

/** Of a folder: what `cdk synth` has made there or in its `cdk.out`. */
export async function findAssembly(folder: string): Promise<Project | undefined> {
  const templates = (await templatesOfAssembly(folder)) ?? (await templatesOfAssembly(join(folder, 'cdk.out')))
  return templates && templatesAsTheyAre(templates)
}

export const isFile = async (path: string): Promise<boolean> => (await stat(path).catch(() => undefined))?.isFile() === true
