/** Reads a CSV object, trims and types its rows, and sets aside those that cannot be used, each with the reason. */
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3'

const s3 = new S3Client({ forcePathStyle: true })

export async function handler({ bucket, key }) {
  const object = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
  const [header, ...lines] = (await object.Body.transformToString('utf-8')).trim().split('\n')
  const names = header.split(',').map((name) => name.trim())
  const sales = []
  const rejected = []
  for (const line of lines) {
    const fields = line.split(',').map((field) => field.trim())
    const row = Object.fromEntries(names.map((name, index) => [name, fields[index] ?? '']))
    const reason = reasonAgainst(row)
    if (reason === undefined) sales.push({ ...row, amount: Number(row.amount), soldAt: new Date(row.soldAt).toISOString() })
    else rejected.push({ line, reason })
  }
  return { sales, rejected }
}

function reasonAgainst({ saleId, amount, soldAt }) {
  if (saleId === '') return 'no id'
  if (amount === '' || Number.isNaN(Number(amount))) return 'the amount is no number'
  return Number.isNaN(Date.parse(soldAt)) ? 'the date cannot be read' : undefined
}
