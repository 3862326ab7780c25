/**
 * Makes src/services/iam/managed-policies.json.br: the managed policies of AWS itself, as AWS publishes them (AWS managed policy
 * reference), out of the list of them that moto ships, which is AWS's answer to ListPolicies and GetPolicyVersion.
 * Run: node scripts/managed-policies.mjs "$(python3 -c 'import moto, os; print(os.path.dirname(moto.__file__))')/iam/aws_managed_policies.py"
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'

import { ROOT } from './node.mjs'

const [, , source] = process.argv
const text = source && /"""([\s\S]*)"""/.exec(readFileSync(source, 'utf8'))?.[1]
if (!text) {
  console.error('Say where the list is: the path of aws_managed_policies.py.')
  process.exit(2)
}

const policies = Object.entries(JSON.parse(text)).map(([name, policy]) => ({
  name,
  path: policy.Path,
  version: Number(policy.DefaultVersionId.slice(1)),
  createdMs: Date.parse(policy.CreateDate),
  updatedMs: Date.parse(policy.UpdateDate ?? policy.CreateDate),
  document: JSON.stringify(policy.Document),
}))
const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 }
const packed = brotliCompressSync(Buffer.from(JSON.stringify(policies)), { params })
writeFileSync(join(ROOT, 'src/services/iam/managed-policies.json.br'), packed)
console.log(policies.length, 'policies', packed.length, 'bytes')
