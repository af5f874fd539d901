/**
 * The loopback server behind `vitrine serve`: the window's files and media over HTTP, the contract over a
 * WebSocket.
 *
 * Loopback alone does not keep others out: other users of the machine can connect, and any web page can make
 * the user's browser send requests. So the printed address carries a random token, which the first visit
 * turns into a cookie; everything else needs that cookie. The Host must name the loopback interface (a page
 * elsewhere whose name was rebound to 127.0.0.1 says another), and a WebSocket's Origin must be this very
 * server.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import type { Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import type { AnyRouter } from '@orpc/server'
import { RPCHandler } from '@orpc/server/ws'
import { WebSocketServer } from 'ws'
import { failures } from './failures.ts'

/** Calls carry settings and texts; big data goes by file or media URL. */
const MAX_MESSAGE_BYTES = 8 << 20
const HEARTBEAT_MS = 30_000
const LOOPBACK_NAMES = new Set(['127.0.0.1', 'localhost', '[::1]'])

export interface HttpServer {
  /** Where a browser finds it, token included. */
  address: string
  /**
   * The same for one visit only: command lines, where the browser's address stands, are seen by all users of
   * a machine.
   */
  launchAddress(): string
  /** Resolves when a page has been connected and none has been for `graceMs` (a reload reconnects sooner). */
  abandoned(graceMs: number): Promise<void>
  /** Ends every connection and stops listening. */
  close(): Promise<void>
}

/** Listens on 127.0.0.1 at `port` (0: any free one). Throws CONFLICT when the port is taken. */
export async function startHttpServer(options: {
  router: AnyRouter
  respond: (request: Request) => Promise<Response>
  port: number
}): Promise<HttpServer> {
  const token = createToken()
  const tokenBytes = Buffer.from(token)
  const launchTokens = new Set<string>()
  const calls = new RPCHandler(options.router)
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
  })
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      // The browser went away in the middle of an answer.
      response.destroy(error instanceof Error ? error : undefined)
    })
  })
  await listen()
  const port = (server.address() as AddressInfo).port
  const cookieName = `vitrine-${port}`

  async function listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => {
        reject(error.code === 'EADDRINUSE' ? failures.portTaken({ port: options.port }) : error)
      })
      server.listen(options.port, '127.0.0.1', resolve)
    })
  }

  const hasCookie = (request: IncomingMessage): boolean =>
    (request.headers.cookie ?? '').split(';').some((pair) => {
      const [name, value] = pair.trim().split('=', 2)
      return name === cookieName && isToken(value ?? '')
    })
  const isToken = (given: string): boolean => {
    const bytes = Buffer.from(given)
    return bytes.length === tokenBytes.length && timingSafeEqual(bytes, tokenBytes)
  }

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const refusal = refuse(incoming)
    if (refusal !== null) {
      return void sendText(outgoing, 403, refusal)
    }
    const url = requestUrl(incoming)
    if (url === null) {
      return void sendText(outgoing, 400, 'The address is not valid.')
    }
    const given = url.searchParams.get('token') ?? ''
    if (isToken(given) || launchTokens.delete(given)) {
      outgoing.writeHead(303, {
        location: '/',
        'set-cookie': `${cookieName}=${token}; Path=/; HttpOnly; SameSite=Lax`,
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
      })
      return void outgoing.end()
    }
    if (!hasCookie(incoming)) {
      return void sendText(
        outgoing,
        403,
        'This page needs the whole address that Vitrine printed, with its token.',
      )
    }

    const abort = new AbortController()
    outgoing.once('close', () => {
      abort.abort()
    })
    const headers = new Headers(
      Object.entries(incoming.headers).filter(
        (entry): entry is [string, string] => typeof entry[1] === 'string',
      ),
    )
    const response = await options.respond(
      new Request(url, { method: incoming.method ?? 'GET', headers, signal: abort.signal }),
    )
    outgoing.writeHead(response.status, Object.fromEntries(response.headers))
    if (response.body === null) {
      return void outgoing.end()
    }
    await pipeline(Readable.fromWeb(response.body as ReadableStream), outgoing)
  }

  server.on('upgrade', (request, socket: Duplex, head: Buffer) => {
    const allowed =
      refuse(request) === null &&
      request.url === '/rpc' &&
      request.headers.origin === `http://${request.headers.host ?? ''}` &&
      hasCookie(request)
    if (!allowed) {
      return void socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) =>
      sockets.emit('connection', webSocket, request),
    )
  })

  const goneListeners = new Set<() => void>()
  let visited = false
  const alive = new WeakSet<object>()
  sockets.on('connection', (socket) => {
    visited = true
    alive.add(socket)
    socket.on('pong', () => alive.add(socket))
    // A message that is too big or malformed: ws closes the connection itself, and the window reconnects.
    socket.on('error', (error) => {
      console.error(`A connection ended: ${error.message}`)
    })
    socket.on('close', () => {
      for (const listener of [...goneListeners]) {
        listener()
      }
    })
    void calls.upgrade(socket)
  })
  const heartbeat = setInterval(() => {
    for (const socket of sockets.clients) {
      if (!alive.delete(socket)) {
        socket.terminate()
      } else {
        socket.ping()
      }
    }
  }, HEARTBEAT_MS)
  heartbeat.unref()

  return {
    address: `http://127.0.0.1:${port}/?token=${token}`,
    launchAddress() {
      const once = createToken()
      launchTokens.add(once)
      return `http://127.0.0.1:${port}/?token=${once}`
    },
    abandoned: (graceMs) =>
      new Promise((resolve) => {
        const check = (): void => {
          setTimeout(() => {
            if (!visited || sockets.clients.size > 0) {
              return
            }
            goneListeners.delete(check)
            resolve()
          }, graceMs)
        }
        goneListeners.add(check)
      }),
    async close() {
      clearInterval(heartbeat)
      for (const socket of sockets.clients) {
        socket.terminate()
      }
      server.closeAllConnections()
      await new Promise<void>((resolve) => {
        server.close(() => {
          resolve()
        })
      })
    },
  }
}

/**
 * Why a request is refused whatever it asks for, or null. Any port will do: a tunnel may give the server
 * another.
 */
function refuse(request: IncomingMessage): string | null {
  const name = (request.headers.host ?? '').replace(/:\d+$/, '')
  return LOOPBACK_NAMES.has(name)
    ? null
    : 'Vitrine only answers to localhost. From another machine, use a tunnel: ssh -L PORT:localhost:PORT HOST.'
}

const createToken = (): string => randomBytes(24).toString('base64url')

const requestUrl = (request: IncomingMessage): URL | null =>
  (request.url ?? '').startsWith('/')
    ? URL.parse(`http://${request.headers.host ?? ''}${request.url ?? ''}`)
    : null

function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
  })
  response.end(`${text}\n`)
}
