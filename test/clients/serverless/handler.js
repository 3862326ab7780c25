const { DynamoDBClient, PutItemCommand } = require('@aws-sdk/client-dynamodb')

const client = new DynamoDBClient({})

exports.price = async ({ count }) => ({ each: 7, total: count * 7, greeting: process.env.GREETING })

exports.take = async ({ Records }) => {
  for (const { body } of Records) {
    const { id, price } = JSON.parse(body)
    const Item = { id: { S: id }, total: { N: String(price.total) } }
    await client.send(new PutItemCommand({ TableName: process.env.TABLE, Item }))
  }
}
