const { DynamoDBClient, PutItemCommand } = require('@aws-sdk/client-dynamodb')
const { each } = require('prices')

const client = new DynamoDBClient({})

/** Prices an order; keeps what comes from the queue. */
exports.handler = async ({ count, Records = [] }) => {
  for (const { body } of Records) {
    const { id, price } = JSON.parse(body)
    const Item = { id: { S: id }, total: { N: String(price.total) } }
    await client.send(new PutItemCommand({ TableName: process.env.TABLE, Item }))
  }
  return { total: count * each, greeting: process.env.GREETING }
}
