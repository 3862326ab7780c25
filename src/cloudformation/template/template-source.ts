/** Whether a text is a template or a definition: told by what is in it, not by its name. */
import type { Source } from '../../source/source.ts'
import { placeOf } from '../../source/tree.ts'

/** As a folder's template is named, in the order in which it is looked for. */
export const TEMPLATE_NAMES: readonly string[] = ['template.yaml', 'template.yml', 'template.json']

export const isTemplate = ({ root }: Source): boolean =>
  placeOf(root, ['Resources'])?.node.kind === 'object' && placeOf(root, ['States']) === undefined
