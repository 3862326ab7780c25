/**
 * Scalars that stand without quotes, as YAML 1.1 has them: it is what SAM (PyYAML) and CloudFormation (SnakeYAML) read. `yes` and
 * `off` are booleans, `0123` is octal, `1_000` and `1:30` are numbers, `012345678901` and `0o17` are texts.
 * Source: yaml.org, "Language-Independent Types for YAML 1.1", bool, int and float; CloudFormation user guide, "Template formats".
 */
import type { Json } from '../../base/json.ts'

/** Undefined where YAML 1.2 reads the same. */
export function readPlainScalar(written: string): Json | undefined {
  if (/^(?:yes|Yes|YES|on|On|ON)$/.test(written)) return true
  if (/^(?:no|No|NO|off|Off|OFF)$/.test(written)) return false
  const [, sign = '', digits = ''] = /^([-+]?)([0-9][0-9a-zA-Z_:.+-]*)$/.exec(written) ?? []
  const size = digits === '' ? undefined : sizeOf(digits)
  return typeof size === 'number' ? (sign === '-' ? -size : size) : size === 'text' ? written : undefined
}

function sizeOf(digits: string): number | 'text' | undefined {
  const plain = digits.replaceAll('_', '')
  if (/^0b[01_]+$/.test(digits)) return Number.parseInt(plain.slice(2), 2)
  if (/^0[0-7_]+$/.test(digits)) return Number.parseInt(plain, 8)
  if (/^0x[0-9a-fA-F_]+$/.test(digits)) return Number.parseInt(plain.slice(2), 16)
  if (/^0[\d_]|^0o/.test(digits)) return /^0\d+\.\d*$/.test(digits) ? undefined : 'text'
  if (/^[1-9][0-9_]*(?::[0-5]?[0-9])+$/.test(digits)) return plain.split(':').reduce((sum, part) => sum * 60 + Number(part), 0)
  const isNumber = /^[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?$/.test(digits)
  return digits.includes('_') && isNumber ? Number(plain) : undefined
}
