/** Reads one station's file: quoted CSV, temperatures in Fahrenheit, 9999.9 where nothing was measured. */
export class CorruptStationFile extends Error {
  name = 'CorruptStationFile'
}

const MISSING = 9999.9

export function parseStation(text, key) {
  const [header, ...rows] = text.split('\n').filter((line) => line !== '')
  const columns = new Map(splitRow(header ?? '').map((name, index) => [name, index]))
  for (const name of ['STATION', 'DATE', 'NAME', 'MAX']) {
    if (!columns.has(name)) throw new CorruptStationFile(`${key}: there is no column ${name}`)
  }
  const days = rows.map((row, index) => readDay(splitRow(row), columns, `${key}, line ${index + 2}`))
  return days.filter((day) => day !== undefined)
}

function readDay(fields, columns, place) {
  const field = (name) => fields[columns.get(name)]
  const maxFahrenheit = Number(field('MAX'))
  if (fields.length !== columns.size || !/^\d{4}-\d{2}-\d{2}$/.test(field('DATE')) || Number.isNaN(maxFahrenheit)) {
    throw new CorruptStationFile(`${place}: not a daily summary`)
  }
  if (maxFahrenheit === MISSING) return undefined
  const maxCelsius = Math.round(((maxFahrenheit - 32) * 50) / 9) / 10
  return { date: field('DATE'), station: field('STATION'), name: field('NAME'), maxCelsius }
}

/** Every field is in quotes; a comma may stand inside them. */
function splitRow(row) {
  return [...row.matchAll(/"((?:[^"]|"")*)"(?:,|$)/g)].map((match) => match[1].replaceAll('""', '"').trim())
}
