/** Where a value of a template stands. */
import type { Problem } from './problem.ts'
import type { Template } from './template/template.ts'

/** By its keys from the root, `Resources` and the logical id first. */
export const placeIn = ({ file, locate }: Template, path: readonly string[]): Pick<Problem, 'file' | 'position'> => ({
  file,
  position: locate(path),
})
