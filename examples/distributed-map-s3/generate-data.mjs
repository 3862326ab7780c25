#!/usr/bin/env node
/**
 * Makes a year of weather station files shaped like NOAA's Global Surface Summary of the Day, always the same for the same
 * arguments, and puts them into a bucket, or into a folder with --out. One file is damaged in the middle, on purpose.
 *
 *   node generate-data.mjs [--year 2025] [--stations 240] [--bucket noaa-gsod-input] [--endpoint http://127.0.0.1:4566]
 *   node generate-data.mjs --out ./data
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'

const COLUMNS = [
  'STATION',
  'DATE',
  'LATITUDE',
  'LONGITUDE',
  'ELEVATION',
  'NAME',
  'TEMP',
  'TEMP_ATTRIBUTES',
  'DEWP',
  'DEWP_ATTRIBUTES',
  'SLP',
  'SLP_ATTRIBUTES',
  'STP',
  'STP_ATTRIBUTES',
  'VISIB',
  'VISIB_ATTRIBUTES',
  'WDSP',
  'WDSP_ATTRIBUTES',
  'MXSPD',
  'GUST',
  'MAX',
  'MAX_ATTRIBUTES',
  'MIN',
  'MIN_ATTRIBUTES',
  'PRCP',
  'PRCP_ATTRIBUTES',
  'SNDP',
  'FRSHTT',
]
const PLACES = ['HARBOUR', 'AIRPORT', 'RIDGE', 'VALLEY', 'ISLAND', 'PLAINS', 'FOREST', 'CAPE']
const COUNTRIES = ['US', 'NO', 'JP', 'AU', 'BR', 'ZA', 'IN', 'CA']
const DAY_MS = 86_400_000

/** `{ key, body }` for each station, in the order of their keys. The damaged one is in the middle. */
export function* stationFiles({ year, stations }) {
  for (let index = 0; index < stations; index++) {
    const station = stationAt(index)
    const rows = [...daysOf(year)].map((date) => printRow(dayOf(station, date)))
    const body = `${[printRow(COLUMNS), ...rows].join('\n')}\n`
    yield { key: `${year}/${station.id}.csv`, body: index === Math.floor(stations / 2) ? damage(body) : body }
  }
}

function stationAt(index) {
  const chance = sequence(index + 1)
  return {
    id: String(10_010_099_999 + index * 1_300_000).padStart(11, '0'),
    name: `${PLACES[index % PLACES.length]} ${index + 1}, ${COUNTRIES[Math.floor(index / PLACES.length) % COUNTRIES.length]}`,
    latitude: Math.round((chance() * 140 - 60) * 1000) / 1000,
    longitude: Math.round((chance() * 360 - 180) * 1000) / 1000,
    elevation: Math.round(chance() * 20_000) / 10,
    chance,
  }
}

/** A mean by latitude and height, a season that is turned round in the south, and some weather. */
function dayOf({ id, name, latitude, longitude, elevation, chance }, date) {
  const dayOfYear = (date - Date.UTC(new Date(date).getUTCFullYear(), 0, 1)) / DAY_MS
  const season = -Math.cos(((dayOfYear - 20) / 365) * 2 * Math.PI) * Math.sign(latitude)
  const celsius = 29 - Math.abs(latitude) * 0.55 - elevation * 0.0055 + season * Math.abs(latitude) * 0.25 + (chance() - 0.5) * 12
  const spread = 4 + chance() * 8
  const wind = chance() * 20
  const one = (value) => value.toFixed(1)
  const fahrenheit = (value) => one((value * 9) / 5 + 32)
  const isMissing = chance() < 0.01
  return [
    id,
    new Date(date).toISOString().slice(0, 10),
    String(latitude),
    String(longitude),
    one(elevation),
    name,
    fahrenheit(celsius),
    '24',
    fahrenheit(celsius - 5),
    '24',
    one(1005 + chance() * 20),
    '24',
    '999.9',
    ' 0',
    one(4 + chance() * 6),
    '24',
    one(wind),
    '24',
    one(wind * 1.6),
    one(wind * 2.2),
    isMissing ? '9999.9' : fahrenheit(celsius + spread),
    ' ',
    fahrenheit(celsius - spread),
    ' ',
    chance() < 0.3 ? (chance() * 1.5).toFixed(2) : '0.00',
    'G',
    '999.9',
    '000000',
  ]
}

/** A piece is torn out and noise put in, as after a broken transfer. */
function damage(body) {
  const middle = Math.floor(body.length / 2)
  return `${body.slice(0, middle)}\u0000\u0007#!TRANSFER ABORTED\u0000${body.slice(middle + 4096)}`
}

const printRow = (fields) => fields.map((field) => `"${field.replaceAll('"', '""')}"`).join(',')

function* daysOf(year) {
  for (let date = Date.UTC(year, 0, 1); date < Date.UTC(year + 1, 0, 1); date += DAY_MS) yield date
}

/** mulberry32: small, seeded, the same everywhere. */
function sequence(seed) {
  let state = (seed * 0x9e3779b9) | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

async function main() {
  const { values } = parseArgs({
    options: {
      year: { type: 'string', default: '2025' },
      stations: { type: 'string', default: '240' },
      bucket: { type: 'string', default: 'noaa-gsod-input' },
      endpoint: { type: 'string', default: process.env.AWS_ENDPOINT_URL ?? 'http://127.0.0.1:4566' },
      out: { type: 'string' },
    },
  })
  const put = values.out === undefined ? await openBucket(values) : (key, body) => writeOut(join(values.out, key), body)
  let count = 0
  for (const { key, body } of stationFiles({ year: Number(values.year), stations: Number(values.stations) })) {
    await put(key, body)
    count++
  }
  console.log(`${count} station files written to ${values.out ?? `s3://${values.bucket}`}`)
}

async function openBucket({ bucket, endpoint }) {
  const { PutObjectCommand, S3Client } = await import('@aws-sdk/client-s3')
  const { AWS_REGION: region = 'us-east-1', AWS_ACCESS_KEY_ID = 'test', AWS_SECRET_ACCESS_KEY = 'test' } = process.env
  const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY }
  const s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true })
  return (Key, Body) => s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body, ContentType: 'text/csv' }))
}

async function writeOut(path, body) {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, body)
}

if (import.meta.main ?? process.argv[1] === import.meta.filename) await main()
