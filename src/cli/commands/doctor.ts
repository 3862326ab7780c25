/** `regente doctor`: whether all is well with what lasts, and how to mend what is not. */
import { examine } from '../../upkeep/doctor/doctor.ts'
import { type Finding, isWell } from '../../upkeep/doctor/finding.ts'
import { readConfig } from '../../config.ts'

import { EXIT } from '../cli-error.ts'
import { membersOf, printJson } from '../output.ts'
import { printable } from '../terminal.ts'

export interface DoctorFlags {
  readonly data?: string
  readonly store?: string
  readonly endpoint?: string
  readonly deep?: boolean
  readonly json?: boolean
}

/** 0 only when nothing is wrong. */
export async function doctor({ data, store, endpoint, deep = false, json }: DoctorFlags): Promise<number> {
  const isFolderMeant = data !== undefined || (store === undefined && endpoint === undefined)
  const { dataDirectory } = readConfig({ dataDirectory: data }, process.env)
  const report = await examine({ directory: isFolderMeant ? dataDirectory : undefined, store, endpoint, isDeep: deep })
  if (json === true) printJson({ isWell: isWell(report), ...report })
  else {
    const lines = [
      ...membersOf(report.facts),
      '',
      ...report.findings.flatMap(linesOf),
      isWell(report) ? 'All is well.' : 'Not all is well.',
    ]
    process.stdout.write(lines.map((line) => `${line}\n`).join(''))
  }
  return isWell(report) ? EXIT.ok : EXIT.failed
}

const linesOf = ({ severity, check, message, mend }: Finding): string[] => [
  `${severity} (${check}): ${printable(message)}`,
  ...(mend === undefined ? [] : [`  ${printable(mend)}`]),
  '',
]
