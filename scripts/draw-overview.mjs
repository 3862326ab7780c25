/** Draws docs/overview.svg, the picture in the README. Run: node scripts/draw-overview.mjs */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { ROOT } from './node.mjs'

const FONT = 'font-family="system-ui, sans-serif"'
const box = (x, y, width, height, title, lines, fill) =>
  [
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="10" fill="${fill}" stroke="#334155"/>`,
    `<text x="${x + width / 2}" y="${y + 26}" text-anchor="middle" font-weight="600" font-size="15" fill="#0f172a">${title}</text>`,
    ...lines.map(
      (line, index) =>
        `<text x="${x + width / 2}" y="${y + 48 + index * 19}" text-anchor="middle" font-size="13" fill="#334155">${line}</text>`,
    ),
  ].join('\n')
const arrow = (x1, y1, x2, y2) =>
  `<path d="M${x1} ${y1} L${x2} ${y2}" stroke="#334155" stroke-width="1.6" fill="none" marker-end="url(#tip)" marker-start="url(#tail)"/>`

const parts = [
  box(20, 40, 190, 130, 'Callers', ['aws stepfunctions', 'AWS SDKs', 'regente run, dev, show'], '#e0f2fe'),
  box(
    290,
    20,
    250,
    170,
    'Regente',
    ['Step Functions API', 'Amazon States Language', 'durable log and timers', '(SQLite, survives kill -9)'],
    '#dcfce7',
  ),
  box(
    620,
    20,
    220,
    170,
    'Services, one port',
    ['S3 · Lambda', 'SNS · SQS · DynamoDB', 'CloudWatch Logs', '… or real AWS,', 'by an endpoint setting'],
    '#fef9c3',
  ),
  arrow(214, 105, 284, 105),
  arrow(544, 105, 614, 105),
]
const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 860 210" width="860" height="210" role="img" aria-label="Callers speak the AWS API to Regente, Regente speaks it to services" ${FONT}>
<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0 L8 4 L0 8 Z" fill="#334155"/></marker>
<marker id="tail" viewBox="0 0 8 8" refX="1" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M8 0 L0 4 L8 8 Z" fill="#334155"/></marker></defs>
<rect width="860" height="210" rx="12" fill="#ffffff"/>
${parts.join('\n')}
</svg>
`
writeFileSync(join(ROOT, 'docs/overview.svg'), svg)
