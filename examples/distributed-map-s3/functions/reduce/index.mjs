/**
 * Reads what the Map Run has written: the manifest names files of succeeded and of failed child executions, each a JSON
 * array of records. Puts the hottest day of each month, and the objects that could not be read, into one report.
 */
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'

const s3 = new S3Client({ forcePathStyle: true })

export async function handler({ year, manifest, outputBucket }) {
  const { DestinationBucket, ResultFiles } = await readJson(manifest.Bucket, manifest.Key)
  const readAll = async (files) => (await Promise.all(files.map(({ Key }) => readJson(DestinationBucket, Key)))).flat()
  const batches = (await readAll(ResultFiles.SUCCEEDED)).map((record) => JSON.parse(record.Output))
  const failures = (await readAll(ResultFiles.FAILED)).map((record) => ({
    error: record.Error,
    cause: causeOf(record.Cause),
    objects: JSON.parse(record.Input).Items.map((item) => item.Key),
  }))
  const report = {
    year,
    stations: batches.reduce((sum, batch) => sum + batch.stations, 0),
    hottest: hottestOf(batches),
    failures,
  }
  const Key = `${year}/hottest-days.json`
  const Body = `${JSON.stringify(report, null, 2)}\n`
  await s3.send(new PutObjectCommand({ Bucket: outputBucket, Key, Body, ContentType: 'application/json' }))
  return {
    report: `s3://${outputBucket}/${Key}`,
    stations: report.stations,
    hottest: report.hottest,
    failedBatches: failures.length,
  }
}

function hottestOf(batches) {
  const hottest = {}
  for (const [month, day] of batches.flatMap((batch) => Object.entries(batch.hottest))) {
    if (hottest[month] === undefined || isHotter(day, hottest[month])) hottest[month] = day
  }
  return Object.fromEntries(Object.entries(hottest).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function isHotter(day, other) {
  if (day.maxCelsius !== other.maxCelsius) return day.maxCelsius > other.maxCelsius
  return `${day.date}${day.station}` < `${other.date}${other.station}`
}

/** Lambda's cause is a JSON text with the message inside. */
function causeOf(cause) {
  try {
    return JSON.parse(cause).errorMessage ?? cause
  } catch {
    return cause
  }
}

async function readJson(Bucket, Key) {
  const object = await s3.send(new GetObjectCommand({ Bucket, Key }))
  return JSON.parse(await object.Body.transformToString('utf-8'))
}
