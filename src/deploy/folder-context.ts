/** What is told of a template that lies in a folder. */
import type { DeployContext } from '../cloudformation/resources/resource.ts'

/** The folder of a template, and who wants to know what is read of it. */
export interface TemplateFolder {
  /** What CodeUri and DefinitionUri are relative to. */
  readonly folder: string
  /** Folders that belong to no function's code. */
  readonly excluded: readonly string[]
  /** Tells what a resource reads besides the template, for those who watch. */
  watch(path: string): void
}

export type FolderContext = DeployContext & TemplateFolder
