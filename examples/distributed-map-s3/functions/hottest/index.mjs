/**
 * Gets a batch of S3 objects, each a year of daily summaries of one weather station (NOAA GSOD), and answers the hottest day
 * of each month over all of them. A file that is not whole fails the batch: half a year must not pass for a year.
 */
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3'

import { parseStation } from './station.mjs'

const s3 = new S3Client({ forcePathStyle: true })

export async function handler({ BatchInput, Items }) {
  const files = await Promise.all(Items.map(({ Key }) => readStation(BatchInput.bucket, Key)))
  const hottest = {}
  for (const day of files.flat()) {
    const month = day.date.slice(0, 7)
    if (hottest[month] === undefined || isHotter(day, hottest[month])) hottest[month] = day
  }
  return { stations: files.length, days: files.flat().length, hottest }
}

async function readStation(bucket, key) {
  const object = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
  return parseStation(await object.Body.transformToString('utf-8'), key)
}

/** The earlier day and the smaller station number win a draw, so that the order of batches does not matter. */
function isHotter(day, other) {
  if (day.maxCelsius !== other.maxCelsius) return day.maxCelsius > other.maxCelsius
  return `${day.date}${day.station}` < `${other.date}${other.station}`
}
