/** A window as the server sees it: the three messages that let it in. */
import { createHmac, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { WebSocket } from 'ws'
import { proofText, SOCKET_PROTOCOL, welcome } from '#contract'
import type { Hello, Welcome } from '#contract'

/** What a window keeps. */
export interface Identity {
  window: string
  secret: string
}

/**
 * A WebSocket to the server of `origin`, and the server's nonce. Rejects when the server answers otherwise.
 */
export async function socketOf(
  origin: string,
  { headers = { origin }, path = '/rpc' }: { headers?: Record<string, string>; path?: string } = {},
): Promise<{ socket: WebSocket; nonce: string }> {
  const socket = new WebSocket(`${origin.replace('http', 'ws')}${path}`, SOCKET_PROTOCOL, { headers })
  const [message] = (await once(socket, 'message')) as [Buffer]
  return { socket, nonce: (JSON.parse(message.toString()) as { nonce: string }).nonce }
}

/** The server's answer, or the code that it closes the connection with. */
export async function say(socket: WebSocket, hello: Hello | string): Promise<Welcome | number> {
  const answer = Promise.race([
    once(socket, 'message').then(([message]) => welcome.parse(JSON.parse(String(message)))),
    once(socket, 'close').then(([code]) => code as number),
  ])
  socket.send(typeof hello === 'string' ? hello : JSON.stringify(hello))
  return answer
}

/** The second message of a window that was here before. */
export function proving(
  { window, secret }: Identity,
  serverNonce: string,
): Extract<Hello, { window: string }> {
  const nonce = randomBytes(24).toString('base64url')
  const proof = createHmac('sha256', secret)
    .update(proofText('window', serverNonce, nonce))
    .digest('base64url')
  return { window, nonce, proof }
}

/** A window that is let in by `token`. */
export async function enter(
  origin: string,
  token: string,
): Promise<{ socket: WebSocket; identity: Identity; mediaKey: string }> {
  const { socket } = await socketOf(origin)
  const answer = await say(socket, { token })
  if (typeof answer === 'number' || answer.enrolled === null) {
    throw new Error(`The token was refused: ${JSON.stringify(answer)}`)
  }
  return { socket, identity: answer.enrolled, mediaKey: answer.mediaKey }
}
