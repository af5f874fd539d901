/**
 * How a window in a browser is let in by its server (src-main/transport/access.ts says why so). The token of
 * its address buys it a secret, once; later connections prove that secret, without sending it. A window whose
 * address has no token, because a link was opened in a new tab, asks the other windows of this browser for
 * one.
 */
import { RPCLink as SocketLink } from '@orpc/client/websocket'
import { shallowRef } from 'vue'
import * as z from 'zod'
import { challenge, proofText, REFUSED_CODE, SOCKET_PROTOCOL, welcome } from '#contract'
import type { Hello } from '#contract'
import { AccessRefusedError, ConnectionLostError } from './connection.ts'
import type { Connection } from './connection.ts'
import { personHeaders } from './person.ts'

/** Where the window keeps its secret: no other tab sees it, a reload does. */
const STORED = 'vitrine/window'
const CHANNEL = 'vitrine/addresses'
/** Other windows of the same browser answer at once, or are none. */
const HANDED_OVER_WITHIN_MS = 1000

const identity = z.object({ window: z.string(), secret: z.string() })
type Identity = z.infer<typeof identity>
const channelMessage = z.union([
  z.object({ asks: z.string() }),
  z.object({ for: z.string(), token: z.string() }),
])

/** The token of the address, until a server took it or refused it. */
let token: string | null = null
const mediaKey = shallowRef<string | null>(null)

/** The address of a clip's picture or video, with the key that it takes in a browser. */
export function mediaAddress(path: string): string {
  if (mediaKey.value === null) {
    return path
  }
  return `${path}${path.includes('?') ? '&' : '?'}key=${mediaKey.value}`
}

/**
 * A WebSocket to the server that the page came from. Rejects with AccessRefusedError or ConnectionLostError.
 */
export async function connectBySocket(): Promise<Connection> {
  token = takeToken() ?? token
  const socket = new WebSocket(
    `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/rpc`,
    SOCKET_PROTOCOL,
  )
  const closed = new Promise<void>((resolve) => {
    socket.addEventListener('close', () => {
      resolve()
    })
  })
  try {
    await introduce(socket)
  } catch (error) {
    socket.close()
    throw error
  }
  return { link: new SocketLink({ websocket: socket, headers: personHeaders }), closed }
}

async function introduce(socket: WebSocket): Promise<void> {
  const { nonce } = challenge.parse(await nextMessage(socket))
  const known = storedIdentity()
  const entrance = token ?? (known === null ? await tokenOfAnotherWindow() : null)
  if (entrance !== null) {
    await say(socket, { token: entrance }).catch(forgetIfRefused)
    token = null
    return
  }
  if (known === null) {
    throw new AccessRefusedError()
  }
  const windowNonce = base64url(crypto.getRandomValues(new Uint8Array(24)))
  const proof = await prove(known, 'window', nonce, windowNonce)
  const expected = await prove(known, 'server', nonce, windowNonce)
  const answer = await say(socket, { window: known.window, nonce: windowNonce, proof }).catch(forgetIfRefused)
  if (answer.proof !== expected) {
    // Some other program listens there.
    throw new AccessRefusedError()
  }
}

/** The server's answer, of which the window keeps what it needs. */
async function say(socket: WebSocket, hello: Hello): Promise<z.infer<typeof welcome>> {
  const answered = nextMessage(socket)
  socket.send(JSON.stringify(hello))
  const answer = welcome.parse(await answered)
  mediaKey.value = answer.mediaKey
  if (answer.enrolled !== null) {
    sessionStorage.setItem(STORED, JSON.stringify(answer.enrolled))
  }
  return answer
}

/**
 * What a server refused once it won't take again: the next attempt uses what is left, or asks other windows
 * for a way in.
 */
function forgetIfRefused(error: unknown): never {
  if (error instanceof AccessRefusedError && token === null) {
    sessionStorage.removeItem(STORED)
  }
  if (error instanceof AccessRefusedError) {
    token = null
  }
  throw error
}

const nextMessage = (socket: WebSocket): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const listening = new AbortController()
    const { signal } = listening
    socket.addEventListener(
      'message',
      ({ data }) => {
        listening.abort()
        resolve(JSON.parse(String(data)))
      },
      { signal },
    )
    socket.addEventListener(
      'close',
      ({ code }) => {
        listening.abort()
        reject(code === REFUSED_CODE ? new AccessRefusedError() : new ConnectionLostError())
      },
      { signal },
    )
  })

function storedIdentity(): Identity | null {
  const stored = sessionStorage.getItem(STORED)
  return stored === null ? null : identity.parse(JSON.parse(stored))
}

/**
 * The token of the address, which disappears from there: before the router reads the address, as this runs
 * first.
 */
function takeToken(): string | null {
  const url = new URL(location.href)
  const found = url.searchParams.get('token')
  if (found !== null) {
    url.searchParams.delete('token')
    history.replaceState(history.state, '', url)
  }
  return found
}

async function prove(
  { secret }: Identity,
  side: 'window' | 'server',
  serverNonce: string,
  windowNonce: string,
): Promise<string> {
  const encoder = new TextEncoder()
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', encoder.encode(secret), algorithm, false, ['sign'])
  const text = encoder.encode(proofText(side, serverNonce, windowNonce))
  return base64url(new Uint8Array(await crypto.subtle.sign('HMAC', key, text)))
}

const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')

/** A token that another window of this browser got for this one; null when none answers. */
async function tokenOfAnotherWindow(): Promise<string | null> {
  const channel = new BroadcastChannel(CHANNEL)
  const asks = crypto.randomUUID()
  try {
    return await new Promise((resolve) => {
      setTimeout(() => {
        resolve(null)
      }, HANDED_OVER_WITHIN_MS)
      channel.addEventListener('message', ({ data }) => {
        const message = channelMessage.safeParse(data)
        if (message.success && 'for' in message.data && message.data.for === asks) {
          resolve(message.data.token)
        }
      })
      channel.postMessage({ asks })
    })
  } finally {
    channel.close()
  }
}

/** Answers windows that ask for a way in, with what `newToken` gets from main. */
export function helpOtherWindows(newToken: () => Promise<string | null>): void {
  const channel = new BroadcastChannel(CHANNEL)
  channel.addEventListener('message', ({ data }) => {
    const message = channelMessage.safeParse(data)
    if (!message.success || !('asks' in message.data)) {
      return
    }
    const { asks } = message.data
    newToken()
      .then((fresh) => {
        if (fresh !== null) {
          channel.postMessage({ for: asks, token: fresh })
        }
      })
      .catch(() => {
        // This window has no connection itself.
      })
  })
}
