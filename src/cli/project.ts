/** The project that `regente dev` is given: a template, a folder of one, or the folder of a project that makes such. */
import { stat } from 'node:fs/promises'

import { findCdkProject } from '../deploy/cdk-project.ts'
import { findAssembly, type Project, templatesAsTheyAre } from '../deploy/project.ts'
import { findServerlessProject } from '../deploy/serverless-project.ts'
import { ToolError } from '../deploy/tool.ts'

import { CliError } from './cli-error.ts'
import { fileOf, findTemplate } from './definition-file.ts'

/** Throws CliError where there is nothing of the kind. */
export async function findProject(given: string): Promise<Project> {
  const isFolder = (await stat(given).catch(() => undefined))?.isDirectory() === true
  const found = isFolder ? await projectIn(given) : undefined
  return found ?? templatesAsTheyAre([{ file: await findTemplate(given) }])
}

async function projectIn(folder: string): Promise<Project | undefined> {
  try {
    const app = (await findCdkProject(folder)) ?? (await findAssembly(folder))
    if (app !== undefined) return app
    const hasTemplate = await fileOf(folder).then(
      () => true,
      () => false,
    )
    const project = hasTemplate ? undefined : await findServerlessProject(folder)
    if (!hasTemplate && project === undefined)
      throw new CliError(
        `${folder} is no project: there is no cdk.json, no template.yaml (.yml, .json) and no serverless.yml in it.`,
      )
    return project
  } catch (error) {
    if (error instanceof ToolError) throw new CliError(error.message)
    throw error
  }
}
