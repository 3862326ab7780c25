/** Reads the files of a template's folder for its resources. */
import type { LocalFiles } from '../cloudformation/resources/resource.ts'

import type { TemplateFolder } from './folder-context.ts'
import { readLocalCode, readLocalContent } from './local-code.ts'
import { readLocalDefinition } from './local-definition.ts'

export const filesIn = (place: TemplateFolder): LocalFiles => ({
  readCode: (resource, context) => readLocalCode(resource, { ...context, ...place }),
  readContent: (resource, context) => readLocalContent(resource, { ...context, ...place }),
  readDefinition: (resource, context) => readLocalDefinition(resource, { ...context, ...place }),
})
