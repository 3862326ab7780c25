/**
 * Charges a card. The gateway is busy at the first attempts (two unless the order says otherwise), then answers: the
 * attempt comes from the execution's own context, so the failures are the same in every run.
 */
class PaymentGatewayBusy extends Error {
  name = 'PaymentGatewayBusy'
}

class CardDeclined extends Error {
  name = 'CardDeclined'
}

export async function handler({ order, attempt }) {
  const busyAttempts = order.busyAttempts ?? 2
  if (attempt < busyAttempts) throw new PaymentGatewayBusy(`The gateway is busy (attempt ${attempt + 1}).`)
  if (order.card === 'declined') throw new CardDeclined('The bank declined the card.')
  return { paymentId: `P-${order.orderId}`, amount: order.amount, attempts: attempt + 1 }
}
